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

TEST_F(Loader, an_instance_is_described_as_it_serves_whatever_lies_in_its_files_place) {
  put("talkative");
  const auto made = create("talkative");
  ASSERT_TRUE(made) << made.error().text;
  const std::string file = std::filesystem::canonical(directory() + "/talkative.so");
  std::ofstream(file + ".new") << "no library";
  std::filesystem::rename(file + ".new", file);
  loader_.begin_generation();
  EXPECT_FALSE(create("talkative"));
  const plugin::PluginDescription& description = (*made)->description();
  EXPECT_EQ(description.name, "talkative");
  EXPECT_EQ(description.version, "1.0");
  EXPECT_EQ(description.abi, "1." + std::to_string(BEARERD_PLUGIN_ABI_MINOR));
  EXPECT_EQ(description.file, file);
  EXPECT_EQ(description.schema.settings.size(), 1U);
}

TEST_F(Loader, describes_a_plugin_that_no_entry_names_as_it_lies_there_now) {
  EXPECT_FALSE(loader_.describe(plugins_, "talkative"));
  put("talkative");
  const auto description = loader_.describe(plugins_, "talkative");
  ASSERT_TRUE(description) << description.error().text;
  EXPECT_EQ(description->version, "1.0");
  EXPECT_FALSE(is_mapped(cache())) << "it was let go";
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
  set_mode(cache(), 0770);
  expect_copy_elsewhere(cache());
}

TEST_F(UnusableCache, one_whose_folder_for_copies_is_open_to_others) {
  std::filesystem::create_directories(cache() + "/plugins");
  set_mode(cache(), 0700);
  set_mode(cache() + "/plugins", 0755);
  expect_copy_elsewhere(cache());
}

TEST_F(UnusableCache, one_that_is_a_file) {
  std::ofstream(cache()) << "x";
  expect_copy_elsewhere(cache());
}

TEST_F(UnusableCache, one_that_can_not_be_made) { expect_copy_elsewhere(root_ + "/absent/cache"); }
TEST_F(UnusableCache, none_at_all) { expect_copy_elsewhere(""); }

TEST_F(UnusableCache, one_that_can_not_be_written) {
  std::filesystem::create_directories(cache() + "/plugins/lock");
  for (const char* folder : {"", "/plugins"}) set_mode(cache() + folder, 0700);
  expect_copy_elsewhere(cache());
}

TEST_F(UnusableCache, and_no_other_place_is_said) {
  put("well-behaved");
  ::setenv("TMPDIR", (root_ + "/absent").c_str(), 1);
  plugin::Loader loader({"", nullptr});
  const auto made = loader.create(plugins_, entry("well-behaved", "{}"));
  ::unsetenv("TMPDIR");
  ASSERT_FALSE(made);
  expect_says(made.error(), "no temporary directory either");
}

}  // namespace
}  // namespace bearerd::tests
