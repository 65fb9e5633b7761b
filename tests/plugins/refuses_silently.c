/* Sin: fails without a word. */
#include "base.h"

static bearerd_status failing_create(const bearerd_host* host, const bearerd_object* settings,
                                     const bearerd_refusal* refusal, bearerd_instance** instance) {
  UNUSED(host);
  UNUSED(settings);
  UNUSED(refusal);
  UNUSED(instance);
  return BEARERD_FAILED;
}

ENTRY(failing_create, good_trust, good_check, good_identify)
