/* A plugin that does nothing wrong; each sinner replaces one piece of it. */
#ifndef BEARERD_TESTS_PLUGINS_BASE_H
#define BEARERD_TESTS_PLUGINS_BASE_H

#include "bearerd/plugin_abi.h"

#define UNUSED(x) ((void)(x))

static char the_instance;

static inline bearerd_text text_of(const char* text) {
  bearerd_text made;
  made.data = text;
  made.size = 0;
  while (text[made.size] != '\0') ++made.size;
  return made;
}

static inline bearerd_status good_create(const bearerd_host* host, const bearerd_object* settings,
                                         const bearerd_refusal* refusal, bearerd_instance** instance) {
  UNUSED(host);
  UNUSED(settings);
  UNUSED(refusal);
  *instance = (bearerd_instance*)(void*)&the_instance;
  return BEARERD_DONE;
}

static inline void good_destroy(bearerd_instance* instance) { UNUSED(instance); }

static inline bearerd_status good_trust(const bearerd_instance* instance, const bearerd_trust_sink* sink) {
  UNUSED(instance);
  sink->issuer(sink->context, text_of("https://issuer.example/"));
  return BEARERD_DONE;
}

static inline bearerd_verdict good_check(const bearerd_instance* instance, const bearerd_token* token) {
  UNUSED(instance);
  UNUSED(token);
  return BEARERD_ACCEPT;
}

static inline bearerd_status good_identify(const bearerd_instance* instance, const bearerd_token* token,
                                           const bearerd_identity_sink* sink) {
  UNUSED(instance);
  UNUSED(token);
  sink->text(sink->context, BEARERD_USER_ID, text_of("somebody"));
  return BEARERD_DONE;
}

#define EMPTY_SCHEMA "{\"description\": \"a test\", \"settings\": []}"

#define ENTRY(create, trust, check, identify) ENTRY_WITH_FETCH(create, trust, check, identify, 0, 0)

#define ENTRY_WITH_FETCH(create, trust, check, identify, resolve, enrich)         \
  BEARERD_PLUGIN_EXPORT extern const bearerd_plugin bearerd_plugin_v1;            \
  const bearerd_plugin bearerd_plugin_v1 = {                                      \
      sizeof(bearerd_plugin), 0,     SINNER_NAME, "1.0",    EMPTY_SCHEMA, create, \
      good_destroy,           trust, check,       identify, resolve,      enrich};

#endif
