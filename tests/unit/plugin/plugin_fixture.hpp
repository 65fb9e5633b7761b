// A plugin directory and a cache directory of a test's own, and a loader over both.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "plugin/instance.hpp"

namespace bearerd::tests {

class PluginFixture : public ::testing::Test {
 protected:
  PluginFixture() {
    std::filesystem::create_directory(directory());
    set_mode(directory(), 0755);
    plugins_.directories = {directory()};
    plugins_.allow_own_user = true;
  }
  ~PluginFixture() override { std::filesystem::remove_all(root_); }

  [[nodiscard]] std::string directory() const { return root_ + "/plugins"; }
  [[nodiscard]] std::string cache() const { return root_ + "/cache"; }
  static void set_mode(const std::string& path, mode_t mode) { ASSERT_EQ(::chmod(path.c_str(), mode), 0); }

  // As an installation does it: a new file renamed over the old one.
  void install(const std::string& file, const std::string& name) const {
    const std::string target = directory() + "/" + name + ".so";
    std::filesystem::copy_file(file, target + ".new");
    std::filesystem::permissions(target + ".new", std::filesystem::perms(0644));
    std::filesystem::rename(target + ".new", target);
  }

  [[nodiscard]] settings::Provider entry(const std::string& plugin, const std::string& settings_json) const {
    settings::Provider provider;
    provider.name = "test";
    provider.plugin = plugin;
    provider.plugin_settings_json = settings_json;
    return provider;
  }

  auto create(const std::string& plugin, const std::string& settings_json = "{}") {
    return loader_.create(plugins_, entry(plugin, settings_json));
  }

  static bool is_mapped(const std::string& text) {
    std::ifstream maps("/proc/self/maps");
    std::stringstream content;
    content << maps.rdbuf();
    return content.str().find(text) != std::string::npos;
  }

  static std::string make_root() {
    std::string pattern = "/tmp/bearerd-plugin-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    return pattern;
  }

  std::string root_ = make_root();
  settings::Plugins plugins_;
  plugin::Loader loader_{{cache(), nullptr}};
};

// A token's header and claims without a signature: what the daemon hands to a plugin once it has verified one.
class TestToken {
 public:
  explicit TestToken(const std::string& claims_json, std::optional<std::string> type = std::nullopt,
                     base::Algorithm algorithm = base::Algorithm::kRs256)
      : document_(jose::ClaimsDocument::parse(claims_json).value()), type_(std::move(type)) {
    header_.algorithm = algorithm;
    if (type_) header_.type = *type_;
  }
  [[nodiscard]] const jose::Header& header() const { return header_; }
  [[nodiscard]] jose::Claims claims() const { return document_.claims(); }

 private:
  jose::ClaimsDocument document_;
  std::optional<std::string> type_;
  jose::Header header_;
};

[[nodiscard]] inline base::Reason check(const plugin::Instance& instance, const TestToken& token) {
  const jose::Claims claims = token.claims();
  return instance.check(token.header(), claims).reason;
}

}  // namespace bearerd::tests
