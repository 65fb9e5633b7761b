/* No sin, but a no: it must reach the operator. It also says that it is done, which must not turn the no into a yes. */
#include "base.h"

static bearerd_status refusing_create(const bearerd_host* host, const bearerd_object* settings,
                                      const bearerd_refusal* refusal, bearerd_instance** instance) {
  refusal->refuse(refusal->context, text_of("domain"), text_of("is not mine"));
  return good_create(host, settings, refusal, instance);
}

ENTRY(refusing_create, good_trust, good_check, good_identify)
