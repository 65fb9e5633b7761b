#include "runtime/builder.hpp"

#include "unit/runtime/settings_folder.hpp"

namespace bearerd::runtime {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Build : public tests::SettingsFolder {
 protected:
  std::shared_ptr<const Snapshot> build(const Snapshot* previous = nullptr) {
    settings::LoadRequest request;
    request.config_file = path("bearerd.json");
    request.plugin_schemas = &loader_;
    loader_.begin_generation();
    const settings::LoadOutcome loaded = settings::load(request);
    EXPECT_TRUE(loaded.settings) << tests::texts_of(loaded.problems);
    if (!loaded.settings) return nullptr;
    BuildOutcome built = build_snapshot(loaded.settings, previous, tools_);
    problems_ = tests::texts_of(built.problems);
    return built.snapshot;
  }
  std::string problems_;
};

TEST_F(Build, a_provider_whose_entry_did_not_change_is_carried_over_as_it_is) {
  write_settings({issuer("one"), issuer("two")});
  const auto before = build();
  ASSERT_TRUE(before) << problems_;
  write_settings({issuer("one"), issuer("two", "another-api")});
  const auto after = build(before.get());
  ASSERT_TRUE(after) << problems_;
  EXPECT_EQ(after->providers[0], before->providers[0]);
  EXPECT_NE(after->providers[1], before->providers[1]);
  EXPECT_NE(after->providers[1]->epoch, before->providers[1]->epoch);
  EXPECT_EQ(after->epoch, before->epoch);
}

TEST_F(Build, an_entry_without_a_place_for_keys_is_refused_when_its_plugin_knows_none_either) {
  write_settings({R"("audience": "api")"});
  EXPECT_EQ(build(), nullptr);
  EXPECT_THAT(problems_, HasSubstr("nothing says how tokens are checked"));
}

TEST_F(Build, a_replaced_plugin_file_makes_its_providers_anew) {
  write_settings({issuer("one")});
  const auto before = build();
  ASSERT_TRUE(before) << problems_;
  install_plugin("another build");
  const auto after = build(before.get());
  ASSERT_TRUE(after) << problems_;
  EXPECT_NE(after->providers[0]->epoch, before->providers[0]->epoch);
  EXPECT_NE(after->providers[0]->plugin->library_digest(), before->providers[0]->plugin->library_digest());
}

TEST_F(Build, verify_settings_that_change_identities_outdate_every_remembered_verdict_and_others_none) {
  write_settings({issuer("one")});
  const auto before = build();
  ASSERT_TRUE(before) << problems_;
  for (const char* verify :
       {R"("waitMs": 77)", R"("realm": "r")", R"("hideUnknown": true)", R"("defaultRoute": "deny")"}) {
    write_settings({issuer("one")}, std::string(R"(, "verify": {)") + verify + "}");
    const auto same = build(before.get());
    ASSERT_TRUE(same) << problems_;
    EXPECT_EQ(same->epoch, before->epoch) << verify;
  }
  for (const char* verify :
       {R"("maxIdentityBytes": 2000)", R"("maxTokenBytes": 2000)", R"("identityHeaders": {"user": "X-User"})"}) {
    write_settings({issuer("one")}, std::string(R"(, "verify": {)") + verify + "}");
    const auto after = build(before.get());
    ASSERT_TRUE(after) << problems_;
    EXPECT_NE(after->epoch, before->epoch) << verify;
    EXPECT_EQ(after->providers[0], before->providers[0]);
  }
}

TEST_F(Build, compiled_rules_are_shared_until_the_dynamic_settings_change) {
  write("aidial.config.json", R"({"routes": {"a": {"paths": ["/a"]}}})");
  write_settings({issuer("one")});
  const auto before = build();
  ASSERT_TRUE(before) << problems_;
  write_settings({issuer("one"), issuer("two")});
  const auto same = build(before.get());
  ASSERT_TRUE(same) << problems_;
  EXPECT_EQ(same->authorizer, before->authorizer);
  write("aidial.config.json", R"({"routes": {"b": {"paths": ["/b"]}}})");
  const auto after = build(same.get());
  ASSERT_TRUE(after) << problems_;
  EXPECT_NE(after->authorizer, before->authorizer);
  EXPECT_EQ(after->epoch, before->epoch);  // what is remembered goes on
}

TEST_F(Build, a_rule_about_another_claim_outdates_every_remembered_verdict) {
  write("aidial.config.json", R"({"routes": {"a": {"paths": ["/a"]}}})");
  write_settings({issuer("one")});
  const auto before = build();
  ASSERT_TRUE(before) << problems_;
  write(
      "aidial.config.json",
      R"({"routes": {"a": {"paths": ["/a"], "rules": [{"source": "unit", "function": "EQUAL", "targets": ["x"]}]}}})");
  const auto after = build(before.get());
  ASSERT_TRUE(after) << problems_;
  EXPECT_NE(after->epoch, before->epoch);
  write(
      "aidial.config.json",
      R"({"routes": {"a": {"paths": ["/a"], "rules": [{"source": "unit", "function": "EQUAL", "targets": ["y"]}]}}})");
  const auto last = build(after.get());
  ASSERT_TRUE(last) << problems_;
  EXPECT_EQ(last->epoch, after->epoch);
}

TEST_F(Build, an_issuer_of_two_entries_is_a_fault_that_names_both) {
  write_settings({issuer("one"), issuer("two")});
  const auto before = build();
  ASSERT_TRUE(before) << problems_;
  // The loader sees what the files say twice; what a plugin adds is seen here alone.
  auto twice = std::make_shared<settings::Settings>(*before->settings);
  twice->providers[1].issuers = twice->providers[0].issuers;
  const BuildOutcome built = build_snapshot(twice, nullptr, tools_);
  EXPECT_FALSE(built.snapshot);
  EXPECT_THAT(tests::texts_of(built.problems), AllOf(HasSubstr("identityProviders.b"), HasSubstr("https://one.example"),
                                                     HasSubstr("belongs to identityProviders.a already")));
}

TEST_F(Build, a_provider_without_a_plugin_file_is_a_fault_and_no_snapshot) {
  write_settings({issuer("one")});
  const auto before = build();
  ASSERT_TRUE(before) << problems_;
  std::filesystem::remove(plugin_directory() + "/oidc.so");
  loader_.begin_generation();
  const BuildOutcome built = build_snapshot(before->settings, before.get(), tools_);
  EXPECT_FALSE(built.snapshot);
  EXPECT_THAT(tests::texts_of(built.problems), HasSubstr("oidc"));
}

TEST_F(Build, a_provider_of_opaque_tokens_only_is_no_admin_provider) {
  write("secret", "introspection-secret");
  std::filesystem::permissions(path("secret"), std::filesystem::perms(0600));
  const std::string asked = R"("audience": "api", "introspection": {"url": "https://idp.example/introspect",
      "clientId": "bearerd", "clientSecretFile": "secret"})";
  const std::string with_keys = asked + R"(, "issuer": "https://both.example")";
  write_settings({with_keys, asked}, R"(, "admin": {"providers": ["a"]})");
  const auto before = build();
  ASSERT_TRUE(before) << problems_;
  write_settings({with_keys, asked}, R"(, "admin": {"providers": ["a", "b"]})");
  EXPECT_EQ(build(before.get()), nullptr);
  EXPECT_THAT(problems_, AllOf(HasSubstr("bearerd.json:3:"),
                               HasSubstr(R"(admin.providers: the provider "b" takes opaque tokens only)")));
  EXPECT_THAT(problems_, testing::Not(HasSubstr("\"a\"")));
}

TEST_F(Build, symmetric_algorithms_are_never_allowed_beside_keys_of_a_url) {
  write_settings({issuer("one")});
  const auto snapshot = build();
  ASSERT_TRUE(snapshot) << problems_;
  ASSERT_FALSE(snapshot->providers[0]->algorithms.empty());
  for (const base::Algorithm algorithm : snapshot->providers[0]->algorithms) {
    EXPECT_FALSE(base::is_symmetric(algorithm)) << base::name(algorithm);
  }
}

TEST_F(Build, only_the_providers_of_a_start_are_waited_for) {
  write_settings({issuer("one")});
  const auto before = build();
  ASSERT_TRUE(before) << problems_;
  write_settings({issuer("one"), issuer("two")});
  const auto after = build(before.get());
  ASSERT_TRUE(after) << problems_;
  EXPECT_EQ(after->providers[0]->opened_at, clock_.steady());
  EXPECT_LT(after->providers[1]->opened_at, clock_.steady() - std::chrono::minutes(1));
}

}  // namespace
}  // namespace bearerd::runtime
