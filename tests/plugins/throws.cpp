// Sin: lets exceptions out of every call.
#include <stdexcept>
#include <string>

#include "bearerd/plugin_abi.h"

namespace {

char the_instance;

// One entry throws where the settings say: {"where": "create" | "trust" | "check" | "identify"}; destroy always does.
bool is_asked(const bearerd_lookups& lookups, const bearerd_object* settings, const char* where) {
  const bearerd_text path{"where", 5};
  bearerd_text value{};
  const std::string wanted(where);
  return lookups.string_at(settings, &path, 1, &value) == BEARERD_DONE && wanted == std::string(value.data, value.size);
}

bool throws_in_trust = false;

bearerd_status create(const bearerd_host* host, const bearerd_object* settings, const bearerd_refusal*,
                      bearerd_instance** instance) {
  if (is_asked(*host->lookups, settings, "create")) throw std::runtime_error("create");
  throws_in_trust = is_asked(*host->lookups, settings, "trust");
  *instance = reinterpret_cast<bearerd_instance*>(&the_instance);
  return BEARERD_DONE;
}
void destroy(bearerd_instance*) { throw std::runtime_error("destroy"); }
bearerd_status trust(const bearerd_instance*, const bearerd_trust_sink*) {
  if (throws_in_trust) throw 42;
  return BEARERD_DONE;
}
bearerd_verdict check(const bearerd_instance*, const bearerd_token*) { throw std::runtime_error("check"); }
bearerd_status identify(const bearerd_instance*, const bearerd_token*, const bearerd_identity_sink* sink) {
  sink->text(sink->context, BEARERD_USER_ID, bearerd_text{"x", 1});
  throw 42;
}
bearerd_verdict resolve(const bearerd_instance*, const bearerd_call*, const bearerd_object**) {
  throw std::runtime_error("resolve");
}
bearerd_verdict enrich(const bearerd_instance*, const bearerd_token*, const bearerd_call*,
                       const bearerd_identity_sink*) {
  throw 42;
}

}  // namespace

extern "C" {
BEARERD_PLUGIN_EXPORT extern const bearerd_plugin bearerd_plugin_v1;
const bearerd_plugin bearerd_plugin_v1 = {sizeof(bearerd_plugin),
                                          0,
                                          SINNER_NAME,
                                          "1.0",
                                          "{\"description\": \"a test\", \"settings\": [{\"name\": \"where\", "
                                          "\"type\": \"string\", \"help\": \"where to throw\"}]}",
                                          &create,
                                          &destroy,
                                          &trust,
                                          &check,
                                          &identify,
                                          &resolve,
                                          &enrich};
}
