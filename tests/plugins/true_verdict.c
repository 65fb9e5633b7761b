/* Sin: what a careless `return true` gives. */
#include "base.h"

static bearerd_verdict bad_check(const bearerd_instance* instance, const bearerd_token* token) {
  UNUSED(instance);
  UNUSED(token);
  return 1;
}

ENTRY(good_create, good_trust, bad_check, good_identify)
