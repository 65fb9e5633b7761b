// A provider plugin as the daemon runs it, asked about tokens that differ from a good one in one thing.
#pragma once

#include <map>
#include <string>

#include "unit/plugin/plugin_fixture.hpp"

namespace bearerd::tests {

using base::Reason;
// Claim name → its value as JSON text.
using ClaimMap = std::map<std::string, std::string>;

inline const char* const kAbsent = "";

class ProviderFixture : public PluginFixture {
 protected:
  ProviderFixture(std::string plugin, ClaimMap good, std::optional<std::string> type = "JWT")
      : plugin_(std::move(plugin)), good_(std::move(good)), type_(std::move(type)) {
    install(std::string(BEARERD_PLUGIN_DIRECTORY) + "/" + plugin_ + ".so", plugin_);
  }

  // The good token with these claims in place of its own; kAbsent takes one out.
  [[nodiscard]] std::string claims_with(const ClaimMap& changes) const {
    ClaimMap claims = good_;
    for (const auto& [name, value] : changes) claims[name] = value;
    std::string json = "{";
    for (const auto& [name, value] : claims) {
      if (!value.empty()) json += (json.size() > 1 ? ",\"" : "\"") + name + "\":" + value;
    }
    return json + "}";
  }

  void use(const std::string& settings_json) {
    auto made = create(plugin_, settings_json);
    ASSERT_TRUE(made) << made.error().setting << ": " << made.error().text;
    instance_ = *made;
  }
  // Which setting the plugin refuses; "" when it takes them all.
  [[nodiscard]] std::string refused_setting(const std::string& settings_json) {
    const auto made = create(plugin_, settings_json);
    return made ? "" : made.error().setting;
  }

  [[nodiscard]] Reason check_with(const ClaimMap& changes) { return check_with(changes, type_); }
  [[nodiscard]] Reason check_with(const ClaimMap& changes, const std::optional<std::string>& type) {
    if (!instance_) use("{}");
    return check(*instance_, TestToken(claims_with(changes), type));
  }
  [[nodiscard]] plugin::Identity identify_with(const ClaimMap& changes) {
    if (!instance_) use("{}");
    const TestToken token(claims_with(changes), type_);
    plugin::Identity identity;
    EXPECT_TRUE(instance_->identify(token.header(), token.claims(), identity));
    return identity;
  }

  std::string plugin_;
  ClaimMap good_;
  std::optional<std::string> type_;
  std::shared_ptr<const plugin::Instance> instance_;
};

}  // namespace bearerd::tests
