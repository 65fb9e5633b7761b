#include "runtime/reloader.hpp"

#include "unit/runtime/settings_folder.hpp"

namespace bearerd::runtime {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class Reload : public tests::SettingsFolder {
 protected:
  void start(const std::vector<std::string>& providers = {issuer("one")}, const std::string& more = "") {
    write_settings(providers, more);
    reloader_ = std::make_unique<Reloader>(options());
    const ReloadReport report = reloader_->reload("start");
    ASSERT_EQ(report.result, ReloadResult::kApplied) << tests::texts_of(report.problems);
  }
  std::unique_ptr<Reloader> reloader_;
};

TEST_F(Reload, the_first_settings_are_generation_one_of_both_kinds) {
  start();
  EXPECT_EQ(reloader_->last_report().static_generation, 1U);
  EXPECT_EQ(reloader_->last_report().dynamic_generation, 1U);
  ASSERT_TRUE(snapshots_.get());
  EXPECT_EQ(snapshots_.get()->static_generation, 1U);
}

TEST_F(Reload, settings_that_say_the_same_are_not_published_again) {
  start();
  const auto before = snapshots_.get();
  EXPECT_EQ(reloader_->reload("admin").result, ReloadResult::kUnchanged);
  EXPECT_EQ(snapshots_.get(), before);
}

TEST_F(Reload, a_faulty_file_is_refused_with_its_place_and_the_last_good_goes_on) {
  start();
  const auto before = snapshots_.get();
  write("bearerd.json", "{\n  \"identityProviders\": 3\n}");
  const ReloadReport report = reloader_->reload("file");
  EXPECT_EQ(report.result, ReloadResult::kRefused);
  EXPECT_THAT(tests::texts_of(report.problems), HasSubstr("bearerd.json:2:"));
  EXPECT_EQ(snapshots_.get(), before);
  EXPECT_EQ(report.static_generation, 1U);
}

TEST_F(Reload, a_fault_that_only_building_finds_keeps_the_last_good_as_well) {
  start({issuer("one"), issuer("two")});
  const auto before = snapshots_.get();
  write("keys.json", R"({"keys": []})");
  write_settings({issuer("one"), issuer("two") + R"(, "jwksFile": "keys.json")"});
  const ReloadReport report = reloader_->reload("file");
  EXPECT_EQ(report.result, ReloadResult::kRefused);
  EXPECT_THAT(tests::texts_of(report.problems), HasSubstr("identityProviders.b.jwksFile: holds no key"));
  EXPECT_EQ(snapshots_.get(), before);
}

TEST_F(Reload, what_only_building_finds_is_told_beside_other_faults_and_nothing_of_it_is_opened) {
  std::vector<std::string> opened;
  tools_.open_keys = [&](const keys::KeySourceSettings& wanted) {
    opened.push_back(wanted.provider);
    return keys::make_fixed_source(wanted.provider, jose::KeySet{});
  };
  start({issuer("one")});
  opened.clear();
  write("keys.json", R"({"keys": []})");
  write("bad.json", "{");
  write_settings({issuer("one"), issuer("two") + R"(, "jwksFile": "keys.json")", issuer("three")},
                 R"(, "config": {"files": ["bad.json"]})");
  const ReloadReport report = reloader_->reload("file");
  EXPECT_EQ(report.result, ReloadResult::kRefused);
  EXPECT_THAT(tests::texts_of(report.problems), HasSubstr("bad.json:1:"));
  EXPECT_THAT(tests::texts_of(report.problems), HasSubstr("identityProviders.b.jwksFile: holds no key"));
  EXPECT_THAT(opened, testing::IsEmpty());
}

TEST_F(Reload, a_changed_dynamic_file_is_a_generation_of_its_own_kind) {
  write("roles.json", R"({"roles": {"basic": {"limits": {}}}})");
  start({issuer("one")}, R"(, "config": {"files": ["roles.json"]})");
  const auto before = snapshots_.get();
  write("roles.json", R"({"roles": {"other": {"limits": {}}}})");
  const ReloadReport report = reloader_->reload("file");
  ASSERT_EQ(report.result, ReloadResult::kApplied) << tests::texts_of(report.problems);
  EXPECT_EQ(report.static_generation, 1U);
  EXPECT_EQ(report.dynamic_generation, 2U);
  EXPECT_EQ(snapshots_.get()->providers, before->providers);
}

TEST_F(Reload, a_dynamic_file_that_is_gone_takes_no_guard_with_it) {
  write("aidial.config.json", R"({"roles": {"basic": {"limits": {}}}})");
  start();
  const auto before = snapshots_.get();
  std::filesystem::remove(path("aidial.config.json"));
  EXPECT_EQ(reloader_->reload("file").result, ReloadResult::kRefused);
  EXPECT_EQ(reloader_->reload("retry").result, ReloadResult::kRefused);
  EXPECT_EQ(snapshots_.get(), before);
  write("aidial.config.json", R"({"roles": {"other": {"limits": {}}}})");
  EXPECT_EQ(reloader_->reload("file").result, ReloadResult::kApplied);
}

TEST_F(Reload, a_change_on_disk_is_taken_in_once_it_has_settled) {
  start();
  write_settings({issuer("one", "another-api")});
  reloader_->on_watch_event();
  reloader_->tick();
  EXPECT_EQ(reloader_->last_report().static_generation, 1U);  // an editor may still be at it
  clock_.advance(1s);
  reloader_->tick();
  EXPECT_EQ(reloader_->last_report().static_generation, 2U);
  EXPECT_EQ(reloader_->last_report().cause, "file");
}

TEST_F(Reload, a_change_that_nobody_told_is_found_at_the_next_poll) {
  start();
  write_settings({issuer("one", "another-api")});
  clock_.advance(reloader_->next_tick() - clock_.steady());
  reloader_->tick();
  EXPECT_EQ(reloader_->last_report().static_generation, 2U);
}

TEST_F(Reload, a_refused_file_is_tried_again_when_what_stood_in_its_way_may_be_gone) {
  start();
  std::filesystem::remove(plugin_directory() + "/oidc.so");
  write_settings({issuer("two")});
  ASSERT_EQ(reloader_->reload("file").result, ReloadResult::kRefused);
  install_plugin();
  clock_.advance(reloader_->next_tick() - clock_.steady());
  reloader_->tick();
  EXPECT_EQ(reloader_->last_report().result, ReloadResult::kApplied)
      << tests::texts_of(reloader_->last_report().problems);
}

TEST_F(Reload, a_retired_snapshot_lives_for_as_long_as_a_request_holds_it) {
  start();
  std::shared_ptr<const Snapshot> request = snapshots_.get();
  const std::weak_ptr<const Snapshot> old = request;
  write_settings({issuer("two")});
  ASSERT_EQ(reloader_->reload("file").result, ReloadResult::kApplied);
  reloader_->tick();
  EXPECT_FALSE(old.expired());
  request.reset();
  EXPECT_FALSE(old.expired());  // whoever answers a request does not unload plugins
  reloader_->tick();
  EXPECT_TRUE(old.expired());
}

TEST_F(Reload, what_is_read_at_start_only_is_told_when_it_changes) {
  start({issuer("one")}, R"(, "listen": {"threads": 1})");
  write_settings({issuer("one")}, R"(, "listen": {"threads": 2})");
  EXPECT_THAT(reloader_->reload("file").needs_restart, testing::Contains(HasSubstr("listen.threads")));
}

}  // namespace
}  // namespace bearerd::runtime
