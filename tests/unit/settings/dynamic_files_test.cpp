// Which dynamic files are read, and what becomes of those that are gone.
#include <gmock/gmock.h>

#include <filesystem>

#include "unit/settings/loading.hpp"

namespace bearerd::settings {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kGone =
    R"(aidial.config.json: the file was in force and is gone; put it back, or say "config": {"files": []} to go on without it)";
constexpr const char* kDangling =
    R"(aidial.config.json: this link leads nowhere; put it back, or say "config": {"files": []} to go on without it)";

class DynamicFiles : public Loading {
 protected:
  LoadOutcome load_with(const std::string& more = "") {
    return load_text(std::string("{\"identityProviders\": {\"a\": {") + kQuietEntry + "}}" + more + "}");
  }
  void write_unnamed() { write("aidial.config.json", R"({"routes": {"r": {"paths": ["/x"], "userRoles": []}}})"); }
  void remove_unnamed() const { std::filesystem::remove(directory_ + "/aidial.config.json"); }
  void link_unnamed_to(const std::string& target) const {
    std::filesystem::create_symlink(target, directory_ + "/aidial.config.json");
  }
};

TEST_F(DynamicFiles, the_unnamed_one_may_be_absent_and_may_come_later) {
  running_ = load_with().settings;
  ASSERT_NE(running_, nullptr);
  EXPECT_THAT(running_->dynamic_files, IsEmpty());
  EXPECT_THAT(messages(load_with()), IsEmpty());
  write_unnamed();
  running_ = load_with().settings;
  ASSERT_NE(running_, nullptr);
  EXPECT_THAT(running_->dynamic_files, ElementsAre(directory_ + "/aidial.config.json"));
}

TEST_F(DynamicFiles, the_unnamed_one_that_was_in_force_and_is_gone_is_refused) {
  write_unnamed();
  running_ = load_with().settings;
  remove_unnamed();
  const LoadOutcome outcome = load_with();
  EXPECT_EQ(outcome.settings, nullptr);
  EXPECT_THAT(messages(outcome), ElementsAre(kGone));
  EXPECT_TRUE(outcome.is_dynamic_faulty);
  EXPECT_FALSE(outcome.is_static_faulty);
  write_unnamed();
  EXPECT_THAT(messages(load_with()), IsEmpty());
}

TEST_F(DynamicFiles, one_that_was_named_by_the_same_name_is_in_force_as_well) {
  write_unnamed();
  running_ = load_with(R"(, "config": {"files": ["./aidial.config.json"]})").settings;
  remove_unnamed();
  EXPECT_THAT(messages(load_with()), ElementsAre(kGone));
}

TEST_F(DynamicFiles, whoever_says_that_there_is_none_loses_nothing) {
  write_unnamed();
  running_ = load_with().settings;
  remove_unnamed();
  const LoadOutcome outcome = load_with(R"(, "config": {"files": []})");
  ASSERT_NE(outcome.settings, nullptr);
  EXPECT_THAT(outcome.settings->dynamic_files, IsEmpty());
  running_ = outcome.settings;
  EXPECT_THAT(messages(load_with()), IsEmpty());
}

TEST_F(DynamicFiles, a_link_that_leads_nowhere_is_refused_from_the_start) {
  link_unnamed_to("target.json");
  EXPECT_THAT(messages(load_with()), ElementsAre(kDangling));
  EXPECT_THAT(messages(load_with(R"(, "config": {"files": []})")), IsEmpty());
  write("target.json", "{}");
  running_ = load_with().settings;
  ASSERT_NE(running_, nullptr);
  std::filesystem::rename(directory_ + "/target.json", directory_ + "/elsewhere.json");
  EXPECT_THAT(messages(load_with()), ElementsAre(kDangling));
}

TEST_F(DynamicFiles, settings_that_are_tried_lose_what_a_reload_would_lose) {
  write_unnamed();
  running_ = load_with().settings;
  remove_unnamed();
  TrialFiles trial;
  trial.opens_files = true;
  trial_ = &trial;
  EXPECT_THAT(messages(load_with()), ElementsAre(kGone));
  trial.files[directory_ + "/aidial.config.json"] = "{}";
  EXPECT_THAT(messages(load_with()), IsEmpty());
}

}  // namespace
}  // namespace bearerd::settings
