/* Sin: logs who it is. */
#include "claims.h"

static bearerd_verdict gossiping_check(const bearerd_instance* instance, const bearerd_token* token) {
  bearerd_text subject;
  UNUSED(instance);
  if (subject_of(token, &subject) == BEARERD_DONE) the_host->log(the_host, BEARERD_LOG_DEBUG, subject);
  return BEARERD_ACCEPT;
}

ENTRY(remembering_create, good_trust, gossiping_check, good_identify)
