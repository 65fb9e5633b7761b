/* Sin: ends the process when a token is odd. */
#include <stdlib.h>

#include "claims.h"

static bearerd_verdict leaving_check(const bearerd_instance* instance, const bearerd_token* token) {
  bearerd_text subject;
  UNUSED(instance);
  if (subject_of(token, &subject) != BEARERD_DONE) exit(3);
  return BEARERD_ACCEPT;
}

ENTRY(remembering_create, good_trust, leaving_check, good_identify)
