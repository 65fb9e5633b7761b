// What comes back through the border, whatever a plugin does.
#include <thread>

#include "unit/plugin/plugin_fixture.hpp"

namespace bearerd::tests {
namespace {

using base::Reason;

class Instance : public PluginFixture {
 protected:
  std::shared_ptr<const plugin::Instance> load(const std::string& name, const std::string& settings_json = "{}") {
    install(std::string(BEARERD_TEST_PLUGINS) + "/" + name + ".so", name);
    auto made = create(name, settings_json);
    EXPECT_TRUE(made) << (made ? "" : made.error().text);
    return made.value_or(nullptr);
  }
  Reason check_of(const std::string& name) { return check(*load(name), TestToken("{}")); }
};

TEST_F(Instance, well_behaved_plugin_accepts_and_names_somebody) {
  const auto instance = load("well-behaved");
  EXPECT_EQ(check(*instance, TestToken("{}")), Reason::kOk);
  plugin::Identity identity;
  const TestToken token("{}");
  EXPECT_TRUE(instance->identify(token.header(), token.claims(), identity));
  EXPECT_EQ(identity.user_id, "somebody");
  EXPECT_TRUE(identity.has_user_id);
  EXPECT_FALSE(identity.has_roles);
  EXPECT_EQ(instance->plugin_version(), "1.0");
  EXPECT_EQ(instance->library_digest().size(), 64U);
  EXPECT_FALSE(instance->can_resolve());
  EXPECT_FALSE(instance->can_enrich());
}

TEST_F(Instance, zero_verdict_is_internal) { EXPECT_EQ(check_of("zero-verdict"), Reason::kInternal); }
TEST_F(Instance, verdict_of_a_careless_true_is_internal) { EXPECT_EQ(check_of("true-verdict"), Reason::kInternal); }
TEST_F(Instance, unknown_verdict_is_internal) { EXPECT_EQ(check_of("unknown-verdict"), Reason::kInternal); }
TEST_F(Instance, exception_out_of_check_is_internal) { EXPECT_EQ(check_of("throws"), Reason::kInternal); }

TEST_F(Instance, what_follows_from_a_look_up_that_could_not_be_answered_does_not_count) {
  const auto instance = load("asks-too-much");
  const TestToken token("{}");
  EXPECT_EQ(check(*instance, token), Reason::kInternal);
  plugin::Identity identity;
  EXPECT_FALSE(instance->identify(token.header(), token.claims(), identity));
  EXPECT_FALSE(identity.has_user_id);
  EXPECT_EQ(check(*load("well-behaved"), token), Reason::kOk);  // and the next call is not blamed for it
}

TEST_F(Instance, exception_out_of_identify_leaves_nobody) {
  const auto instance = load("throws");
  plugin::Identity identity;
  const TestToken token("{}");
  EXPECT_FALSE(instance->identify(token.header(), token.claims(), identity));
  EXPECT_TRUE(identity.user_id.empty());
  EXPECT_FALSE(identity.has_user_id);
}

TEST_F(Instance, accepting_without_identity_names_nobody) {
  const auto instance = load("nobody");
  plugin::Identity identity;
  const TestToken token("{}");
  EXPECT_TRUE(instance->identify(token.header(), token.claims(), identity));
  EXPECT_FALSE(identity.has_user_id);
}

TEST_F(Instance, half_a_good_identity_is_none) {
  const auto instance = load("half-identity");
  plugin::Identity identity;
  const TestToken token("{}");
  EXPECT_FALSE(instance->identify(token.header(), token.claims(), identity));
  EXPECT_FALSE(identity.has_user_id);
}

TEST_F(Instance, slow_plugin_holds_up_its_own_thread_only) {
  const std::string file = root_ + "/go";
  const auto slow = load("slow", R"({"file": ")" + file + R"("})");
  const auto quick = load("well-behaved");
  Reason slow_reason = Reason::kOk;
  std::thread caller([&] { slow_reason = check(*slow, TestToken("{}")); });
  EXPECT_EQ(check(*quick, TestToken("{}")), Reason::kOk);
  std::ofstream(file) << "go";
  caller.join();
  EXPECT_EQ(slow_reason, Reason::kClaimRejected);
}

TEST_F(Instance, look_ups_find_what_is_there_and_nothing_of_another_type) {
  const auto instance = load("talkative");
  const TestToken token(
      R"({"a": {"b.c": {"d/e": "deep"}}, "number": 42, "yes": true, "nothing": null, "list": ["one", "two"],
                            "mixed": ["one", 2], "fraction": 1.0})",
      "at+jwt");
  EXPECT_EQ(check(*instance, token), Reason::kOk);
  plugin::Identity identity;
  ASSERT_TRUE(instance->identify(token.header(), token.claims(), identity));
  EXPECT_EQ(identity.user_id, "deep");
  EXPECT_EQ(identity.name, "42 yes");
  EXPECT_EQ(identity.email, "null is there");
  EXPECT_EQ(identity.project, "found");
  EXPECT_EQ(identity.roles, (std::vector<std::string>{"one", "two"}));
  EXPECT_FALSE(identity.has_session);
}

TEST_F(Instance, look_ups_of_an_empty_token_find_nothing) {
  const auto instance = load("talkative");
  const TestToken token("{}");
  EXPECT_EQ(check(*instance, token), Reason::kWrongTokenUse);
  plugin::Identity identity;
  ASSERT_TRUE(instance->identify(token.header(), token.claims(), identity));
  EXPECT_EQ(identity.user_id, "absent");
  EXPECT_EQ(identity.name, "-1 no");
  EXPECT_FALSE(identity.has_roles);
}

TEST_F(Instance, identity_of_the_call_before_is_forgotten) {
  const auto instance = load("nobody");
  plugin::Identity identity;
  identity.user_id = "the one before";
  identity.has_user_id = true;
  identity.roles = {"admin"};
  const TestToken token("{}");
  EXPECT_TRUE(instance->identify(token.header(), token.claims(), identity));
  EXPECT_FALSE(identity.has_user_id);
  EXPECT_TRUE(identity.roles.empty());
}

}  // namespace
}  // namespace bearerd::tests
