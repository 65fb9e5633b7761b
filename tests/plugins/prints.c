/* Sin: writes to standard output. */
#include <stdio.h>

#include "base.h"

static bearerd_verdict printing_check(const bearerd_instance* instance, const bearerd_token* token) {
  UNUSED(instance);
  UNUSED(token);
  puts("checking");
  return BEARERD_ACCEPT;
}

ENTRY(good_create, good_trust, printing_check, good_identify)
