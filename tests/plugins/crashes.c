/* Sin: takes for granted that a claim is there. */
#include "claims.h"

static bearerd_verdict trusting_check(const bearerd_instance* instance, const bearerd_token* token) {
  bearerd_text subject = {0, 0};
  UNUSED(instance);
  subject_of(token, &subject);
  return *(const volatile char*)subject.data == '-' ? BEARERD_CLAIM_REJECTED : BEARERD_ACCEPT;
}

ENTRY(remembering_create, good_trust, trusting_check, good_identify)
