/* Sin: waits in check(), as a plugin does that asks somebody else. */
#define _POSIX_C_SOURCE 199309L
#include <time.h>

#include "base.h"

static bearerd_verdict waiting_check(const bearerd_instance* instance, const bearerd_token* token) {
  const struct timespec pause = {0, 3000000};
  UNUSED(instance);
  UNUSED(token);
  nanosleep(&pause, 0);
  return BEARERD_ACCEPT;
}

ENTRY(good_create, good_trust, waiting_check, good_identify)
