/* Sin: each instance leaves a file open. */
#include <fcntl.h>

#include "base.h"

static bearerd_status opening_create(const bearerd_host* host, const bearerd_object* settings,
                                     const bearerd_refusal* refusal, bearerd_instance** instance) {
  if (open("/dev/null", O_RDONLY) < 0) return BEARERD_FAILED;
  return good_create(host, settings, refusal, instance);
}

ENTRY(opening_create, good_trust, good_check, good_identify)
