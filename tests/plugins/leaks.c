/* Sin: each instance leaves a little behind. */
#include <stdlib.h>

#include "base.h"

static void* volatile the_last;

static bearerd_status leaking_create(const bearerd_host* host, const bearerd_object* settings,
                                     const bearerd_refusal* refusal, bearerd_instance** instance) {
  the_last = malloc(48);
  return good_create(host, settings, refusal, instance);
}

ENTRY(leaking_create, good_trust, good_check, good_identify)
