// Loads settings from files that a test writes, with the plugins' schemas as the shipped plugins declare them in part.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "settings/load.hpp"

namespace bearerd::settings {

class KnownPlugins final : public PluginSchemas {
 public:
  KnownPlugins() {
    for (const char* name : {"auth0", "cognito", "keycloak", "okta", "oidc"}) schemas_[name];
    schemas_["google"].settings.push_back(setting("hd", PluginSetting::Type::kStringList));
    schemas_["entra"].settings.push_back(setting("tenants", PluginSetting::Type::kStringList));
    for (const char* name : {"cognito", "entra"}) schemas_[name].names_roles = true;
    schemas_["keycloak"].settings.push_back(setting("realmRoles", PluginSetting::Type::kBoolean));
    schemas_["keycloak"].names_roles_with = {"realmRoles"};
  }

  base::Result<const PluginSchema*> schema(const Plugins&, std::string_view plugin) override {
    const auto found = schemas_.find(plugin);
    if (found != schemas_.end()) return &found->second;
    return base::fail(base::ErrorCode::kNotFound, "there is no such plugin");
  }

  PluginSchema& operator[](const std::string& plugin) { return schemas_[plugin]; }

  static PluginSetting setting(std::string name, PluginSetting::Type type) {
    PluginSetting out;
    out.name = std::move(name);
    out.type = type;
    return out;
  }

 private:
  std::map<std::string, PluginSchema, std::less<>> schemas_;
};

// A directory of its own for each test.
class Loading : public testing::Test {
 protected:
  Loading() {
    std::string pattern = testing::TempDir() + "bearerd-settings-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~Loading() override { std::filesystem::remove_all(directory_); }

  std::string write(const std::string& name, const std::string& text, mode_t mode = 0600) {
    const std::string path = directory_ + "/" + name;
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }

  LoadOutcome load_text(const std::string& text) {
    write("settings.json", text);
    return load_file(directory_ + "/settings.json");
  }

  LoadOutcome load_file(const std::string& path) {
    LoadRequest request;
    request.config_file = path;
    request.environment = environment_;
    request.plugin_schemas = &plugins_;
    request.running = running_.get();
    request.trial = trial_;
    return load(request);
  }

  // What one entry of this name makes; the rest of the settings is nothing special.
  LoadOutcome load_entry(const std::string& name, const std::string& members) {
    return load_text("{\"identityProviders\": {\"" + name + "\": {" + members + "}}}");
  }

  // Without the directory, so that a test can say what it expects.
  [[nodiscard]] std::vector<std::string> messages(const LoadOutcome& outcome) const {
    std::vector<std::string> out;
    for (const Problem& problem : outcome.problems) out.push_back(shortened(problem.display()));
    return out;
  }

  [[nodiscard]] std::vector<std::string> faults(const LoadOutcome& outcome) const {
    std::vector<std::string> out;
    for (const Problem& problem : outcome.problems) {
      if (problem.severity == Severity::kFault) out.push_back(shortened(problem.display()));
    }
    return out;
  }

  [[nodiscard]] static std::vector<std::string> watched_paths(const LoadOutcome& outcome) {
    std::vector<std::string> out;
    for (const WatchedFile& file : outcome.files) out.push_back(file.path);
    return out;
  }

  // Zero, as for a file that is not there, when it is not watched either.
  [[nodiscard]] base::FileStamp stamp_in(const LoadOutcome& outcome, const std::string& name) const {
    for (const WatchedFile& file : outcome.files) {
      if (file.path == directory_ + "/" + name) return file.stamp;
    }
    return {};
  }

  [[nodiscard]] std::string shortened(std::string text) const {
    for (std::size_t at = text.find(directory_ + "/"); at != std::string::npos; at = text.find(directory_ + "/")) {
      text.erase(at, directory_.size() + 1);
    }
    return text;
  }

  std::string directory_;
  std::map<std::string, std::string> environment_;
  KnownPlugins plugins_;
  std::shared_ptr<const Settings> running_;
  const TrialFiles* trial_ = nullptr;
};

// An entry that loads without a word.
inline constexpr const char* kQuietEntry =
    R"("issuer": "https://issuer.example", "audience": "api", "rolePath": "roles", "plugin": "oidc")";

}  // namespace bearerd::settings
