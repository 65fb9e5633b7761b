/* Sin: refuses a setting that its schema takes, and does not say why. */
#include "base.h"

static bearerd_status sulking_create(const bearerd_host* host, const bearerd_object* settings,
                                     const bearerd_refusal* refusal, bearerd_instance** instance) {
  const bearerd_text path = text_of("mood");
  bearerd_text value;
  if (host->lookups->string_at(settings, &path, 1, &value) == BEARERD_DONE && value.size > 1000) return BEARERD_FAILED;
  return good_create(host, settings, refusal, instance);
}

#undef EMPTY_SCHEMA
#define EMPTY_SCHEMA                                                                                   \
  "{\"description\": \"a test\", \"settings\": [{\"name\": \"mood\", \"type\": \"string\", \"help\": " \
  "\"short\"}]}"
ENTRY(sulking_create, good_trust, good_check, good_identify)
