#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loading.hpp"

namespace bearerd::settings {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Settings that are tried beside some that run.
class Trial : public Loading {
 protected:
  Trial() {
    running_ = load_entry("a", kQuietEntry).settings;
    files_.opens_files = true;
    trial_ = &files_;
  }

  TrialFiles files_;
};

TEST_F(Trial, a_file_that_nobody_reads_is_a_fault_and_named_apart) {
  files_.files[directory_ + "/elsewhere.json"] = "{}";
  const LoadOutcome outcome = load_entry("a", kQuietEntry);
  EXPECT_EQ(outcome.settings, nullptr);
  EXPECT_THAT(outcome.unread_files, ElementsAre(directory_ + "/elsewhere.json"));
  EXPECT_THAT(faults(outcome), ElementsAre(HasSubstr("elsewhere.json")));
  EXPECT_FALSE(outcome.is_partial);
}

TEST_F(Trial, a_file_is_known_by_a_path_through_a_link_to_those_who_may_have_files_opened) {
  write("real.json", "{}");
  std::filesystem::create_directory_symlink(directory_, directory_ + "/link");
  const std::string settings =
      R"({"config": {"files": ["./real.json"]}, "identityProviders": {"a": {)" + std::string(kQuietEntry) + "}}}";
  files_.files[directory_ + "/settings.json"] = settings;
  files_.files[directory_ + "/link/real.json"] = R"({"routes": {"a": {"paths": ["/a"]}}})";
  const LoadOutcome outcome = load_text(settings);
  EXPECT_THAT(outcome.unread_files, IsEmpty());
  ASSERT_NE(outcome.settings, nullptr);
  EXPECT_EQ(outcome.settings->dynamic.routes.size(), 1U);
  files_.opens_files = false;
  EXPECT_THAT(faults(load_text(settings)), ElementsAre(HasSubstr("real.json is not opened for this caller")));
}

TEST_F(Trial, a_dynamic_file_alone_is_partial) {
  const LoadOutcome outcome = load_text(R"({"routes": {}})");
  EXPECT_EQ(outcome.settings, nullptr);
  EXPECT_TRUE(outcome.is_partial);
  EXPECT_THAT(outcome.unread_files, IsEmpty());
}

TEST_F(Trial, settings_that_are_read_and_whole_are_neither) {
  files_.files[directory_ + "/settings.json"] = R"({"identityProviders": {"a": {)" + std::string(kQuietEntry) + "}}}";
  const LoadOutcome outcome = load_text("what stands there is not looked at");
  EXPECT_NE(outcome.settings, nullptr);
  EXPECT_FALSE(outcome.is_partial);
  EXPECT_THAT(outcome.unread_files, IsEmpty());
}

}  // namespace
}  // namespace bearerd::settings
