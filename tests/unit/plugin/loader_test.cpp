// Which files become plugins, and what is said about those that don't.
#include "bearerd/plugin_abi.h"
#include "unit/plugin/plugin_fixture.hpp"

namespace bearerd::tests {
namespace {

class Loader : public PluginFixture {
 protected:
  void put(const std::string& name) { install(std::string(BEARERD_TEST_PLUGINS) + "/" + name + ".so", name); }
  plugin::Loader::Refusal refusal_of(const std::string& name, const std::string& settings_json = "{}") {
    put(name);
    const auto made = create(name, settings_json);
    EXPECT_FALSE(made) << name << " was taken";
    return made ? plugin::Loader::Refusal{} : made.error();
  }
  static void expect_says(const plugin::Loader::Refusal& refusal, const std::string& text) {
    EXPECT_NE(refusal.text.find(text), std::string::npos) << "it says: " << refusal.text;
  }
};

TEST_F(Loader, library_without_entry_is_no_plugin) {
  expect_says(refusal_of("no-entry"), "does not export bearerd_plugin_v1");
}
TEST_F(Loader, library_of_another_major_is_named_as_such) {
  expect_says(refusal_of("wrong-major"), "bearerd_plugin_v2");
}
TEST_F(Loader, struct_that_is_too_short_is_refused) { expect_says(refusal_of("short-struct"), "too short"); }
TEST_F(Loader, plugin_that_calls_itself_another_name_is_refused) {
  expect_says(refusal_of("wrong-name"), "another name");
}
TEST_F(Loader, plugin_without_check_is_refused) { expect_says(refusal_of("no-check"), "lacks one of"); }
TEST_F(Loader, plugin_with_faulty_schema_is_refused) { expect_says(refusal_of("faulty-schema"), "settings schema"); }
TEST_F(Loader, plugin_that_needs_a_symbol_of_ours_is_refused) {
  expect_says(refusal_of("needs-host-symbol"), "bearerd_inner_secret");
}

TEST_F(Loader, refusal_of_the_settings_names_the_setting) {
  const auto refusal = refusal_of("refuses-settings");
  EXPECT_EQ(refusal.setting, "domain");
  EXPECT_EQ(refusal.text, "is not mine");
}

TEST_F(Loader, refusal_without_a_word_is_a_refusal) { expect_says(refusal_of("refuses-silently"), "does not say why"); }
TEST_F(Loader, exception_out_of_create_is_a_refusal) {
  expect_says(refusal_of("throws", R"({"where": "create"})"), "create()");
}
TEST_F(Loader, exception_out_of_trust_is_a_refusal) {
  expect_says(refusal_of("throws", R"({"where": "trust"})"), "trust()");
}

TEST_F(Loader, unknown_plugin_says_where_it_was_looked_for) {
  const auto made = create("nowhere");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().setting, "plugin");
  expect_says(made.error(), directory());
}

TEST_F(Loader, name_that_is_a_path_is_refused) {
  put("well-behaved");
  for (const char* name : {"../plugins/well-behaved", "/etc/x", "", "Well-Behaved", "a.b"})
    EXPECT_FALSE(create(name)) << name;
}

TEST_F(Loader, first_directory_that_has_it_wins) {
  put("well-behaved");
  plugins_.directories = {root_ + "/absent", directory()};
  EXPECT_TRUE(create("well-behaved"));
}

TEST_F(Loader, file_that_is_no_library_is_refused) {
  std::ofstream(directory() + "/text.so") << "no library";
  expect_says(create("text").error(), "can't be opened");
}

TEST_F(Loader, schema_is_the_plugins_own_and_outlives_a_generation) {
  put("talkative");
  const auto schema = loader_.schema(plugins_, "talkative");
  ASSERT_TRUE(schema) << schema.error().text;
  std::filesystem::remove(directory() + "/talkative.so");
  loader_.begin_generation();
  ASSERT_EQ((*schema)->settings.size(), 1U);
  EXPECT_EQ((*schema)->settings[0].name, "say");
  EXPECT_FALSE(loader_.schema(plugins_, "talkative"));
}

TEST_F(Loader, describes_what_this_generation_loaded) {
  put("talkative");
  ASSERT_TRUE(create("talkative"));
  const auto descriptions = loader_.loaded();
  ASSERT_EQ(descriptions.size(), 1U);
  EXPECT_EQ(descriptions[0].name, "talkative");
  EXPECT_EQ(descriptions[0].version, "1.0");
  EXPECT_EQ(descriptions[0].abi, "1." + std::to_string(BEARERD_PLUGIN_ABI_MINOR));
  EXPECT_EQ(descriptions[0].file, std::filesystem::canonical(directory() + "/talkative.so"));
}

TEST_F(Loader, settings_that_are_no_json_are_refused) {
  expect_says(refusal_of("well-behaved", "{"), "can't be handed");
}

class UnusableCache : public Loader {
 protected:
  // Whether the plugin runs from a copy of its own elsewhere, which goes with the loader.
  void expect_copy_elsewhere(const std::string& cache_directory) {
    put("well-behaved");
    auto loader = std::make_unique<plugin::Loader>(plugin::LoaderOptions{cache_directory, nullptr});
    auto made = loader->create(plugins_, entry("well-behaved", "{}"));
    ASSERT_TRUE(made) << made.error().text;
    EXPECT_FALSE(is_mapped(cache()));
    const std::string copy = place_of("/well-behaved-" + std::string((*made)->library_digest()));
    struct stat status = {};
    ASSERT_EQ(::stat(std::filesystem::path(copy).parent_path().c_str(), &status), 0) << copy;
    EXPECT_EQ(status.st_mode & 07777U, 0700U);
    made = tl::make_unexpected(plugin::Loader::Refusal{});
    loader.reset();
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(copy).parent_path().parent_path())) << copy;
  }
  static std::string place_of(const std::string& text) {
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
      if (line.find(text) != std::string::npos) return line.substr(line.find('/'));
    }
    return {};
  }
};

TEST_F(UnusableCache, one_that_others_may_write) {
  std::filesystem::create_directory(cache());
  set_mode(cache(), 0777);
  expect_says(refusal_of("well-behaved"), "must belong to the daemon's user");
}

}  // namespace
}  // namespace bearerd::tests
