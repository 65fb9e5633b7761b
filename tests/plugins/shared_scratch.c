/* Sin: keeps the bearer of the moment in a place that all threads share. */
#include <sched.h>
#include <string.h>

#include "claims.h"

static char scratch[64];
static volatile size_t scratch_size;

static bearerd_status mixing_identify(const bearerd_instance* instance, const bearerd_token* token,
                                      const bearerd_identity_sink* sink) {
  bearerd_text subject;
  bearerd_text said;
  UNUSED(instance);
  if (subject_of(token, &subject) != BEARERD_DONE || subject.size > sizeof scratch) return BEARERD_FAILED;
  memcpy(scratch, subject.data, subject.size);
  scratch_size = subject.size;
  sched_yield();
  said.data = scratch;
  said.size = scratch_size;
  sink->text(sink->context, BEARERD_USER_ID, said);
  return BEARERD_DONE;
}

ENTRY(remembering_create, good_trust, good_check, mixing_identify)
