/* Sin: names somebody, then an unknown field, then bytes that are no text. */
#include "base.h"

static bearerd_status bad_identify(const bearerd_instance* instance, const bearerd_token* token,
                                   const bearerd_identity_sink* sink) {
  UNUSED(instance);
  UNUSED(token);
  sink->text(sink->context, BEARERD_USER_ID, text_of("somebody"));
  sink->text(sink->context, 99, text_of("?"));
  sink->text(sink->context, BEARERD_NAME, text_of("\xff\xfe"));
  return BEARERD_DONE;
}

ENTRY(good_create, good_trust, good_check, bad_identify)
