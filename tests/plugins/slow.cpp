// Sin: waits in check(), until the file of its settings is there. What is slow must still be right, and must hold up
// only its own thread.
#include <unistd.h>

#include <string>
#include <thread>

#include "bearerd/plugin_abi.h"

namespace {

std::string* file_of(const bearerd_instance* instance) {
  return reinterpret_cast<std::string*>(const_cast<bearerd_instance*>(instance));
}

bearerd_status create(const bearerd_host* host, const bearerd_object* settings, const bearerd_refusal*,
                      bearerd_instance** instance) {
  const bearerd_text path{"file", 4};
  bearerd_text value{};
  if (host->lookups->string_at(settings, &path, 1, &value) != BEARERD_DONE) return BEARERD_FAILED;
  *instance = reinterpret_cast<bearerd_instance*>(new std::string(value.data, value.size));
  return BEARERD_DONE;
}
void destroy(bearerd_instance* instance) { delete file_of(instance); }
bearerd_status trust(const bearerd_instance*, const bearerd_trust_sink*) { return BEARERD_DONE; }
bearerd_verdict check(const bearerd_instance* instance, const bearerd_token*) {
  while (::access(file_of(instance)->c_str(), F_OK) != 0) std::this_thread::yield();
  return BEARERD_CLAIM_REJECTED;
}
bearerd_status identify(const bearerd_instance*, const bearerd_token*, const bearerd_identity_sink*) {
  return BEARERD_DONE;
}

}  // namespace

extern "C" {
BEARERD_PLUGIN_EXPORT extern const bearerd_plugin bearerd_plugin_v1;
const bearerd_plugin bearerd_plugin_v1 = {sizeof(bearerd_plugin),
                                          0,
                                          SINNER_NAME,
                                          "1.0",
                                          "{\"description\": \"a test\", \"settings\": [{\"name\": \"file\", \"type\": "
                                          "\"string\", \"help\": \"what to wait for\"}]}",
                                          &create,
                                          &destroy,
                                          &trust,
                                          &check,
                                          &identify,
                                          nullptr,
                                          nullptr};
}
