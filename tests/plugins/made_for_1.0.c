/* Uses everything that the plugin ABI 1.0 offered, as it was then. It must go on working with every later 1.x. */
#include <stdlib.h>

#include "bearerd/plugin_abi.h"

struct bearerd_instance {
  const bearerd_host* host;
};

static bearerd_text text_of(const char* text) {
  bearerd_text made;
  made.data = text;
  made.size = 0;
  while (text[made.size] != '\0') ++made.size;
  return made;
}

static bearerd_status create(const bearerd_host* host, const bearerd_object* settings, const bearerd_refusal* refusal,
                             bearerd_instance** instance) {
  const bearerd_text path = text_of("limit");
  int64_t limit = 0;
  if (host->size < sizeof(bearerd_host) || host->lookups->size < sizeof(bearerd_lookups)) return BEARERD_FAILED;
  if (host->lookups->integer_at(settings, &path, 1, &limit) == BEARERD_DONE && limit > 9) {
    refusal->refuse(refusal->context, path, text_of("at most 9"));
    return BEARERD_FAILED;
  }
  host->log(host, BEARERD_LOG_INFO, text_of("made"));
  *instance = malloc(sizeof **instance);
  if (*instance == 0) return BEARERD_FAILED;
  (*instance)->host = host;
  return BEARERD_DONE;
}

static void destroy(bearerd_instance* instance) { free(instance); }

static bearerd_status trust(const bearerd_instance* instance, const bearerd_trust_sink* sink) {
  const bearerd_text path = text_of("aud");
  const bearerd_text tenant = text_of("one");
  bearerd_issuer_template pattern;
  bearerd_key_location keys;
  (void)instance;
  if (sink->size < sizeof(bearerd_trust_sink)) return BEARERD_FAILED;
  pattern.size = sizeof pattern;
  pattern.text = text_of("https://old.example/{tenant}");
  pattern.allowed = &tenant;
  pattern.allowed_count = 1;
  pattern.claim = text_of("tid");
  keys.size = sizeof keys;
  keys.issuer = text_of("https://old.example");
  keys.discovery_url.data = 0;
  keys.discovery_url.size = 0;
  keys.jwks_url = text_of("https://old.example/jwks");
  keys.extra_hosts = 0;
  keys.extra_host_count = 0;
  sink->issuer(sink->context, text_of("https://old.example"));
  sink->issuer_template(sink->context, &pattern);
  sink->keys(sink->context, &keys);
  sink->audience(sink->context, text_of("old"));
  sink->algorithm(sink->context, text_of("ES256"));
  sink->audience_claim(sink->context, &path, 1);
  sink->properties(sink->context, BEARERD_CHECKS_AUDIENCE);
  return BEARERD_DONE;
}

static bearerd_status count_string(void* context, bearerd_text value) {
  *(size_t*)context += value.size;
  return BEARERD_DONE;
}

static bearerd_status count_member(void* context, bearerd_text name, bearerd_kind kind) {
  *(size_t*)context += kind == BEARERD_KIND_MISSING ? 0 : name.size;
  return BEARERD_DONE;
}

/* {"number": 7, "yes": true, "list": ["ab", "c"], "object": {"xy": null}} */
static bearerd_verdict check(const bearerd_instance* instance, const bearerd_token* token) {
  const bearerd_lookups* look = instance->host->lookups;
  const bearerd_text number = text_of("number"), yes = text_of("yes"), list = text_of("list"),
                     object = text_of("object");
  int64_t seven = 0;
  uint32_t is_yes = 0;
  size_t letters = 0, names = 0;
  if (token->size < sizeof(bearerd_token) || token->algorithm.size == 0 || token->type.data == 0)
    return BEARERD_WRONG_TOKEN_USE;
  if (look->integer_at(token->claims, &number, 1, &seven) != BEARERD_DONE || seven != 7) return BEARERD_MISSING_CLAIM;
  if (look->boolean_at(token->claims, &yes, 1, &is_yes) != BEARERD_DONE || is_yes != 1) return BEARERD_CLAIM_REJECTED;
  look->strings_at(token->claims, &list, 1, &count_string, &letters);
  look->for_each_member(token->claims, &object, 1, &count_member, &names);
  if (letters != 3 || names != 2) return BEARERD_WRONG_TENANT;
  return look->kind_at(token->claims, &object, 1) == BEARERD_KIND_OBJECT ? BEARERD_ACCEPT : BEARERD_TOO_OLD;
}

static bearerd_status identify(const bearerd_instance* instance, const bearerd_token* token,
                               const bearerd_identity_sink* sink) {
  const bearerd_text path = text_of("sub");
  const bearerd_text roles[2] = {text_of("a"), text_of("b")};
  bearerd_text subject;
  if (sink->size < sizeof(bearerd_identity_sink)) return BEARERD_FAILED;
  if (instance->host->lookups->string_at(token->claims, &path, 1, &subject) != BEARERD_DONE) return BEARERD_FAILED;
  sink->text(sink->context, BEARERD_USER_ID, subject);
  sink->text(sink->context, BEARERD_NAME, text_of("n"));
  sink->text(sink->context, BEARERD_EMAIL, text_of("e"));
  sink->text(sink->context, BEARERD_PROJECT, text_of("p"));
  sink->text(sink->context, BEARERD_SESSION, text_of("s"));
  sink->roles(sink->context, roles, 2);
  return BEARERD_DONE;
}

BEARERD_PLUGIN_EXPORT extern const bearerd_plugin bearerd_plugin_v1;
const bearerd_plugin bearerd_plugin_v1 = {sizeof(bearerd_plugin),
                                          BEARERD_PLUGIN_ABI_MINOR,
                                          "made-for-1-0",
                                          "1.0",
                                          "{\"description\": \"a test\", \"settings\": [{\"name\": \"limit\", "
                                          "\"type\": \"integer\", \"help\": \"at most 9\"}]}",
                                          create,
                                          destroy,
                                          trust,
                                          check,
                                          identify,
                                          0,
                                          0};
