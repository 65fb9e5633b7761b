/* Sin: takes what it can't find for absent, and asks for it with more names than a look-up takes. */
#include "base.h"

static const bearerd_lookups* the_lookups;

static bearerd_status keeping_create(const bearerd_host* host, const bearerd_object* settings,
                                     const bearerd_refusal* refusal, bearerd_instance** instance) {
  the_lookups = host->lookups;
  return good_create(host, settings, refusal, instance);
}

static bearerd_kind ask(const bearerd_token* token) {
  bearerd_text path[17];
  int i = 0;
  for (i = 0; i < 17; ++i) path[i] = text_of("banned");
  return the_lookups->kind_at(token->claims, path, 17);
}

static bearerd_verdict trusting_check(const bearerd_instance* instance, const bearerd_token* token) {
  UNUSED(instance);
  return ask(token) == BEARERD_KIND_MISSING ? BEARERD_ACCEPT : BEARERD_CLAIM_REJECTED;
}

static bearerd_status trusting_identify(const bearerd_instance* instance, const bearerd_token* token,
                                        const bearerd_identity_sink* sink) {
  (void)ask(token);
  return good_identify(instance, token, sink);
}

ENTRY(keeping_create, good_trust, trusting_check, trusting_identify)
