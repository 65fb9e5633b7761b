#include "runtime/resource_metadata.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"

namespace bearerd::runtime {
namespace {

void append_list(std::string& json, std::string_view name, const std::vector<std::string>& values) {
  json += ',';
  json += base::json_string(name);
  json += ":[";
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) json += ',';
    json += base::json_string(values[i]);
  }
  json += ']';
}

}  // namespace

std::string resource_metadata(const Snapshot& snapshot) {
  const settings::Verify& verify = snapshot.settings->verify;
  if (verify.resource.empty()) return {};
  // Exactly the issuers' own strings; templates can't be listed as such.
  std::vector<std::string> issuers;
  for (const auto& provider : snapshot.providers) {
    issuers.insert(issuers.end(), provider->settings.issuers.begin(), provider->settings.issuers.end());
    for (const std::string& issuer : provider->plugin->trust().issuers) {
      if (std::find(issuers.begin(), issuers.end(), issuer) == issuers.end()) issuers.push_back(issuer);
    }
  }
  std::string json = "{\"resource\":";
  json += base::json_string(verify.resource);
  append_list(json, "authorization_servers", issuers);
  append_list(json, "bearer_methods_supported", {"header"});
  if (!verify.scopes_supported.empty()) append_list(json, "scopes_supported", verify.scopes_supported);
  if (!verify.resource_name.empty()) {
    json += ",\"resource_name\":";
    json += base::json_string(verify.resource_name);
  }
  return json += '}';
}

}  // namespace bearerd::runtime
