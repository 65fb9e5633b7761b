/* Sin: keeps what it was lent, and looks into its settings when they are long gone. */
#include "base.h"

static const bearerd_lookups* the_lookups;
static const bearerd_object* the_settings;

static bearerd_status keeping_create(const bearerd_host* host, const bearerd_object* settings,
                                     const bearerd_refusal* refusal, bearerd_instance** instance) {
  the_lookups = host->lookups;
  the_settings = settings;
  return good_create(host, settings, refusal, instance);
}

static bearerd_verdict looking_check(const bearerd_instance* instance, const bearerd_token* token) {
  const bearerd_text path = text_of("name");
  UNUSED(instance);
  UNUSED(token);
  return the_lookups->kind_at(the_settings, &path, 1) == BEARERD_KIND_NULL ? BEARERD_REVOKED : BEARERD_ACCEPT;
}

ENTRY(keeping_create, good_trust, looking_check, good_identify)
