/* Sin: wants a function of the daemon that is no part of the border. */
#include "base.h"

extern bearerd_verdict bearerd_inner_secret(void);

static bearerd_verdict needy_check(const bearerd_instance* instance, const bearerd_token* token) {
  UNUSED(instance);
  UNUSED(token);
  return bearerd_inner_secret();
}

ENTRY(good_create, good_trust, needy_check, good_identify)
