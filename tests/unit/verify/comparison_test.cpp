#include "verify/comparison.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace bearerd::verify {
namespace {

using base::Reason;
using settings::RuleFunction;

settings::Route route(const std::string& name, std::optional<std::vector<std::string>> roles) {
  settings::Route made;
  made.name = name;
  made.paths = {"/" + name + "/.*"};
  made.user_roles = std::move(roles);
  return made;
}

// One decision that was made under `under_`, and `in_force_` unless a test says otherwise; judged by `now_`.
class ComparisonTest : public testing::Test {
 protected:
  ComparisonTest() {
    settings::Provider provider;
    provider.name = "demo";
    provider.digest = "d1";
    now_.providers.push_back(provider);
    now_.dynamic.routes = {route("a", std::vector<std::string>{"staff"})};
    in_force_ = now_;
    in_force_.providers[0].digest = "differs";  // so that nothing about a bearer is known, and the answer counts
    under_.providers = {{"demo", "d1"}};
    under_.max_token_bytes = now_.verify.max_token_bytes;
    under_.max_identity_bytes = now_.verify.max_identity_bytes;
  }
  PastDecision decision(Reason reason, std::vector<std::string> roles = {"staff"}) {
    PastDecision made;
    made.number = 1;
    made.reason = reason;
    made.provider = "demo";
    made.user = "u1";
    made.roles = std::move(roles);
    made.method = "GET";
    made.path = "/a/x";
    made.route = "a";
    made.has_credential = made.is_authenticated = made.is_question = true;
    made.used.fill(-1);
    return made;
  }
  Comparison compare(const PastDecision& made) { return compare_all({made}); }
  Comparison compare_all(std::vector<PastDecision> all) {
    under_.api_keys = had_other_keys_ ? 0 : fingerprint_of_keys(now_);
    for (PastDecision& made : all) made.under = std::make_shared<const DecidedUnder>(under_);
    return verify::compare(all, rules(in_force_), rules(now_));
  }
  static runtime::Rules rules(const settings::Settings& settings) {
    return {std::make_shared<const settings::Settings>(settings), std::make_shared<const access::Authorizer>(settings),
            std::make_shared<const state::LimitTable>(settings.dynamic)};
  }
  std::optional<Doubt> doubt(const PastDecision& made) {
    const Comparison comparison = compare(made);
    EXPECT_EQ(comparison.compared + comparison.doubts.size(), 1U);
    return comparison.doubts.empty() ? std::nullopt : std::optional(comparison.doubts.begin()->first);
  }
  // Of the only change; the reason itself when there is none.
  Reason after(const PastDecision& made) {
    const Comparison comparison = compare(made);
    EXPECT_EQ(comparison.compared, 1U);
    return comparison.changes.empty() ? made.reason : comparison.changes[0].after;
  }

  settings::Settings in_force_, now_;
  DecidedUnder under_;
  bool had_other_keys_ = false;
};

TEST_F(ComparisonTest, the_same_rules_change_nothing) {
  const Comparison comparison = compare(decision(Reason::kOk));
  EXPECT_EQ(comparison.compared, 1U);
  EXPECT_EQ(comparison.unchanged, 1U);
  EXPECT_TRUE(comparison.changes.empty());
}

TEST_F(ComparisonTest, a_role_taken_away_or_given_changes_decisions_and_says_whose) {
  now_.dynamic.routes = {route("a", std::vector<std::string>{"boss"})};
  const Comparison denied = compare(decision(Reason::kOk));
  ASSERT_EQ(denied.changes.size(), 1U);
  EXPECT_EQ(denied.changes[0].after, Reason::kNoRole);
  EXPECT_EQ(denied.changes[0].route, "a");
  EXPECT_EQ(denied.changes[0].roles, std::vector<std::string>{"staff"});
  EXPECT_EQ(denied.changes[0].users.size(), 1U);
  EXPECT_EQ(after(decision(Reason::kNoRole, {"boss"})), Reason::kOk);
}

TEST_F(ComparisonTest, a_removed_route_falls_to_the_default) {
  now_.dynamic.routes = {route("b", std::nullopt)};
  EXPECT_EQ(after(decision(Reason::kOk)), Reason::kNoRoute);
  now_.dynamic.routes.clear();
  EXPECT_EQ(after(decision(Reason::kNoRole)), Reason::kOk);
}

TEST_F(ComparisonTest, another_refusal_is_no_change_and_is_counted) {
  now_.dynamic.routes = {route("b", std::nullopt)};
  EXPECT_EQ(compare(decision(Reason::kNoRole)).other_reason, 1U);
}

TEST_F(ComparisonTest, equal_rules_are_judged_by_tags_and_patterns_are_not) {
  TokenHasher hasher;
  under_.claims = {"department"};
  PastDecision made = decision(Reason::kOk);
  made.claims = {{"department", {hasher.tag("physics")}, true}};
  const auto with = [&](RuleFunction function, const std::string& target, const std::string& source = "department") {
    now_.dynamic.routes = {route("a", std::nullopt)};
    now_.dynamic.routes[0].rules = {{source, function, {target}}};
  };
  with(RuleFunction::kEqual, "PHYSICS");
  EXPECT_EQ(after(made), Reason::kOk);
  with(RuleFunction::kEqual, "chemistry");
  EXPECT_EQ(after(made), Reason::kNoRole);
  with(RuleFunction::kTrue, "");
  EXPECT_EQ(after(made), Reason::kOk);
  with(RuleFunction::kContain, "phys");
  EXPECT_EQ(doubt(made), Doubt::kClaims);
  with(RuleFunction::kRegex, "phys.*");
  EXPECT_EQ(doubt(made), Doubt::kClaims);
  with(RuleFunction::kEqual, "x", "never-looked-at");
  EXPECT_EQ(doubt(made), Doubt::kClaims);
  with(RuleFunction::kRegex, "phys.*");
  now_.dynamic.routes[0].rules->push_back({"roles", RuleFunction::kEqual, {"staff"}});
  EXPECT_EQ(after(made), Reason::kOk) << "a rule that can be judged grants, whatever the other says";
  made.claims[0].is_ascii = false;
  with(RuleFunction::kEqual, "physics");
  EXPECT_EQ(doubt(made), Doubt::kClaims);
  made.claims.clear();
  EXPECT_EQ(after(made), Reason::kNoRole) << "looked at, and not there";
}

TEST_F(ComparisonTest, a_provider_that_differs_leaves_its_decisions_open_and_one_that_is_gone_denies) {
  now_.providers[0].digest = "d2";
  EXPECT_EQ(doubt(decision(Reason::kOk)), Doubt::kProvider);
  now_.providers.clear();
  EXPECT_EQ(after(decision(Reason::kOk)), Reason::kUnknownIssuer);
  settings::Provider other;
  other.name = "other";
  other.digest = "d9";
  now_.providers.push_back(other);
  EXPECT_EQ(doubt(decision(Reason::kOk)), Doubt::kProviders);
}

TEST_F(ComparisonTest, a_refused_token_stays_refused_by_the_same_entries) {
  PastDecision made = decision(Reason::kExpired);
  made.is_authenticated = false;
  EXPECT_EQ(after(made), Reason::kExpired);
  now_.providers[0].digest = "d2";
  EXPECT_EQ(doubt(made), Doubt::kProvider);
  made.provider = "none";
  made.reason = Reason::kUnknownIssuer;
  EXPECT_EQ(doubt(made), Doubt::kProviders);
}

TEST_F(ComparisonTest, no_token_is_judged_by_routes_alone) {
  PastDecision made = decision(Reason::kNoToken, {});
  made.provider = "none";
  made.has_credential = made.is_authenticated = false;
  EXPECT_EQ(after(made), Reason::kNoToken);
  now_.dynamic.routes[0].is_anonymous = true;
  EXPECT_EQ(after(made), Reason::kOk);
}

TEST_F(ComparisonTest, an_api_key_has_the_roles_that_the_candidate_gives_it) {
  const auto hash = settings::ApiKeyHash::of_key("k");
  PastDecision made = decision(Reason::kOk);
  made.provider = kApiKeyProvider;
  made.api_key = hash;
  in_force_.dynamic.keys = {{hash, "p", {"staff"}, false, std::nullopt}};
  EXPECT_EQ(after(made), Reason::kUnknownApiKey);
  now_.dynamic.keys = {{hash, "p", {"guest"}, false, std::nullopt}};
  EXPECT_EQ(after(made), Reason::kNoRole);
  now_.dynamic.keys[0].roles = {"staff"};
  EXPECT_EQ(after(made), Reason::kOk);
  now_.dynamic.keys[0].address_ranges = {"10.0.0.0/8"};
  had_other_keys_ = true;
  EXPECT_EQ(doubt(made), Doubt::kApiKeys);
}

TEST_F(ComparisonTest, limits_are_judged_where_use_was_counted) {
  now_.dynamic.deployments["m"] = {"models", std::nullopt};
  now_.dynamic.roles["default"].limits["m"].request_hour = 10;
  PastDecision made = decision(Reason::kOk);
  made.path.clear();
  made.resource = made.deployment = "m";
  EXPECT_EQ(doubt(made), Doubt::kLimits);
  made.used[static_cast<std::size_t>(state::Window::kRequestsHour) - 1] = 9;
  EXPECT_EQ(after(made), Reason::kOk);
  made.used[static_cast<std::size_t>(state::Window::kRequestsHour) - 1] = 10;
  EXPECT_EQ(after(made), Reason::kLimitReached);
  now_.dynamic.roles["default"].limits["m"].request_hour = 0;
  EXPECT_EQ(after(made), Reason::kNoRole);
}

TEST_F(ComparisonTest, changes_are_counted_from_the_settings_in_force_and_not_from_what_was_answered) {
  in_force_.providers = now_.providers;
  in_force_.dynamic.routes = now_.dynamic.routes = {route("a", std::vector<std::string>{"staff", "guests"})};
  const PastDecision refused = decision(Reason::kNoRole, {"guests"});
  const Comparison mended = compare(refused);
  EXPECT_TRUE(mended.changes.empty()) << "it was refused under older settings, and both let it in";
  EXPECT_EQ(mended.unchanged, 1U);
  EXPECT_EQ(mended.already_changed, 1U);

  now_.dynamic.routes = {route("a", std::vector<std::string>{"staff"})};
  const Comparison undone = compare(refused);
  ASSERT_EQ(undone.changes.size(), 1U);
  EXPECT_EQ(undone.changes[0].before, Reason::kOk);
  EXPECT_EQ(undone.changes[0].after, Reason::kNoRole);
  EXPECT_EQ(undone.already_changed, 1U);
  EXPECT_EQ(compare(decision(Reason::kOk)).already_changed, 0U);
}

TEST_F(ComparisonTest, totals_are_of_all_changes_and_not_of_those_that_are_listed) {
  constexpr std::size_t kMany = 500;
  std::vector<PastDecision> made;
  for (std::size_t i = 0; i < kMany; ++i) made.push_back(decision(Reason::kOk, {"team-" + std::to_string(i)}));
  const Comparison comparison = compare_all(made);
  const auto turned = comparison.turned.at({base::DecisionKind::kAllow, base::DecisionKind::kDeny});
  EXPECT_EQ(turned, kMany);
  EXPECT_LT(comparison.changes.size(), kMany);
  EXPECT_EQ(comparison.changes.size() + comparison.left_out, kMany);
}

TEST_F(ComparisonTest, what_was_no_question_or_was_cut_is_not_judged) {
  PastDecision made = decision(Reason::kBadRequest);
  made.is_question = false;
  EXPECT_EQ(doubt(made), Doubt::kNoQuestion);
  made.is_question = made.is_cut = true;
  EXPECT_EQ(doubt(made), Doubt::kTooLong);
}

}  // namespace
}  // namespace bearerd::verify
