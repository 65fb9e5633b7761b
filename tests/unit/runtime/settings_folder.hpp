// A folder with settings files and the oidc plugin, and a reloader over them that opens no network.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "keys/key_store.hpp"
#include "observe/metrics.hpp"
#include "plugin/instance.hpp"
#include "runtime/reloader.hpp"
#include "support/manual_clock.hpp"
#include "support/temporary_folder.hpp"

namespace bearerd::runtime::tests {

class SettingsFolder : public ::testing::Test {
 protected:
  SettingsFolder() {
    std::filesystem::create_directory(plugin_directory());
    std::filesystem::permissions(plugin_directory(), std::filesystem::perms(0755));
    install_plugin();
    tools_.plugins = &loader_;
    tools_.metrics = &metrics_;
    tools_.clock = &clock_;
    tools_.open_keys = [](const keys::KeySourceSettings& wanted) {
      return keys::make_fixed_source(wanted.provider, jose::KeySet{});
    };
  }
  [[nodiscard]] std::string path(const std::string& name) const { return root_.path() + "/" + name; }
  [[nodiscard]] std::string plugin_directory() const { return path("plugins"); }

  // As editors and installers do it: a new file renamed over the old one. `more` makes it another file of the same use.
  void install_plugin(std::string_view more = "") const {
    const std::string target = plugin_directory() + "/oidc.so";
    std::filesystem::copy_file(std::string(BEARERD_PLUGIN_DIRECTORY) + "/oidc.so", target + ".new");
    std::ofstream(target + ".new", std::ios::app | std::ios::binary) << more;
    std::filesystem::permissions(target + ".new", std::filesystem::perms(0644));
    std::filesystem::rename(target + ".new", target);
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name) + ".new") << text;
    std::filesystem::rename(path(name) + ".new", path(name));
  }
  // One provider for each of `providers`: the inside of its entry.
  void write_settings(const std::vector<std::string>& providers, const std::string& more = "") const {
    std::string entries;
    for (std::size_t i = 0; i < providers.size(); ++i) {
      entries += (i == 0 ? "" : ",") + std::string("\"") + static_cast<char>('a' + i) + "\": {\"plugin\": \"oidc\", " +
                 providers[i] + "}";
    }
    write("bearerd.json", R"({"plugins": {"directories": [")" + plugin_directory() +
                              R"("], "allowOwnUser": true}, "identityProviders": {)" + entries + "}" + more + "}");
  }
  static std::string issuer(const std::string& name, const std::string& audience = "api") {
    return R"("issuer": "https://)" + name + R"(.example", "audience": ")" + audience + "\"";
  }

  [[nodiscard]] ReloaderOptions options() {
    ReloaderOptions made;
    made.config_file = path("bearerd.json");
    made.snapshots = &snapshots_;
    made.tools = tools_;
    return made;
  }

  const test::TemporaryFolder root_;
  test::ManualClock clock_;
  observe::Metrics metrics_;
  plugin::Loader loader_{{path("cache"), nullptr}};
  BuildTools tools_;
  SnapshotBox snapshots_;
};

inline std::string texts_of(const std::vector<settings::Problem>& problems) {
  std::string text;
  for (const settings::Problem& problem : problems) text += problem.display() + "\n";
  return text;
}

}  // namespace bearerd::runtime::tests
