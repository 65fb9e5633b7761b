// What load() says about the files that it read, so that a watcher misses no change.
#include <gmock/gmock.h>

#include "base/file.hpp"
#include "unit/settings/loading.hpp"

namespace bearerd::settings {
namespace {

using testing::Contains;

class WatchedFiles : public Loading {
 protected:
  [[nodiscard]] base::FileStamp on_disk(const std::string& name) const {
    return base::stamp_of_path(directory_ + "/" + name);
  }

  // Reads the settings, and while it is at it, something else changes them.
  class ChangesFileMeanwhile final : public PluginSchemas {
   public:
    explicit ChangesFileMeanwhile(std::string path) : path_(std::move(path)) {}
    base::Result<const PluginSchema*> schema(const Plugins&, std::string_view) override {
      std::ofstream(path_, std::ios::app) << " ";
      return &schema_;
    }

   private:
    std::string path_;
    PluginSchema schema_;
  };
};

TEST_F(WatchedFiles, each_carries_the_stamp_of_what_was_read_and_an_absent_one_none) {
  write("salt", "pepper");
  const LoadOutcome outcome =
      load_entry("a", std::string(kQuietEntry) + R"(, "loggingKey": "sub", "loggingSaltFile": "salt")");
  ASSERT_NE(outcome.settings, nullptr);
  EXPECT_EQ(stamp_in(outcome, "settings.json"), on_disk("settings.json"));
  EXPECT_EQ(stamp_in(outcome, "salt"), on_disk("salt"));
  EXPECT_THAT(watched_paths(outcome), Contains(directory_ + "/aidial.config.json"));
  EXPECT_EQ(stamp_in(outcome, "aidial.config.json"), base::FileStamp{});
}

TEST_F(WatchedFiles, an_empty_list_of_dynamic_files_means_none) {
  write("aidial.config.json", "no JSON");
  const LoadOutcome outcome =
      load_text(std::string("{\"identityProviders\": {\"a\": {") + kQuietEntry + R"(}}, "config": {"files": []}})");
  ASSERT_NE(outcome.settings, nullptr);
  EXPECT_THAT(watched_paths(outcome), testing::Not(Contains(directory_ + "/aidial.config.json")));
}

TEST_F(WatchedFiles, a_change_after_the_reading_shows_as_another_stamp) {
  const std::string path =
      write("settings.json", std::string("{\"identityProviders\": {\"a\": {") + kQuietEntry + "}}}");
  ChangesFileMeanwhile schemas(path);
  LoadRequest request;
  request.config_file = path;
  request.plugin_schemas = &schemas;
  const LoadOutcome outcome = load(request);
  ASSERT_NE(outcome.settings, nullptr);
  EXPECT_NE(stamp_in(outcome, "settings.json"), on_disk("settings.json"));
}

TEST_F(WatchedFiles, a_file_that_cant_be_read_has_its_own_stamp_so_that_it_is_not_read_for_ever) {
  write("d.json", std::string(5 * 1024 * 1024, ' '));
  const LoadOutcome outcome = load_text(std::string("{\"identityProviders\": {\"a\": {") + kQuietEntry +
                                        "}}, \"config\": {\"files\": [\"d.json\"]}}");
  EXPECT_EQ(outcome.settings, nullptr);
  EXPECT_EQ(stamp_in(outcome, "d.json"), on_disk("d.json"));
}

}  // namespace
}  // namespace bearerd::settings
