#include "settings/table.hpp"

#include "settings/dynamic_table.hpp"
#include "settings/provider_table.hpp"
#include "settings/revocations_file.hpp"
#include "settings/static_table.hpp"

namespace bearerd::settings {

std::vector<Family> static_families() {
  return {
      describe_family("identityProviders.<name>", default_provider()),
      describe_family("identityProviders.<name>.introspection", IntrospectionDraft{}),
      describe_family("config", ConfigFiles{}),
      describe_family("config.jsonMergeStrategy", MergeStrategy{}),
      describe_family("apiKeyValidation", ApiKeyValidation{}),
      describe_family("access", Access{}),
      describe_family("access.<right>.rules", Rule{}),
      describe_family("listen", default_listen()),
      describe_family("listen.<tls>", TlsFiles{}),
      describe_family("verify", Verify{}),
      describe_family("verify.identityHeaders", IdentityHeaderNames{}),
      describe_family("verify.introspectionClients", IntrospectionClient{}),
      describe_family("cache", Cache{}),
      describe_family("log", LogSettings{}),
      describe_family("plugins", default_plugins()),
      describe_family("state", State{}),
      describe_family("state.redis", Redis{}),
      revocation_family(),
      describe_family("admin", Admin{}),
      describe_family("insecure", Insecure{}),
  };
}

std::vector<Family> dynamic_families() {
  return {
      describe_family("models.<name>", DeploymentDraft{}),
      describe_family("roles.<name>.limits.<deployment>", Limit{}),
      describe_family("roles.<name>.costLimit", CostLimit{}),
      describe_family("keys.<key>", ApiKeyDraft{}),
      describe_family("routes.<name>", RouteDraft{}),
  };
}

std::string markdown_table(const Family& family) {
  std::string out = "| key | takes | default | read | meaning |\n| --- | --- | --- | --- | --- |\n";
  for (const Row& row : family.rows) {
    const bool is_value =
        row.default_value.find_first_of("`, ") == std::string::npos || row.default_value.front() == '"';
    const std::string mark = is_value ? "`" : "";
    out += "| `" + std::string(row.name) + "` | " + row.type + (row.is_secret ? ", secret" : "") + " | ";
    out += (row.default_value.empty() ? "–" : mark + row.default_value + mark) + " | ";
    out += std::string(row.phase == Phase::kStart ? "start" : "always") + " | " + std::string(row.description) + " |\n";
  }
  return out;
}

}  // namespace bearerd::settings
