#include "verify/comparison.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/text.hpp"
#include "settings/regex.hpp"

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

constexpr const char* kIssuer = "https://issuer.example/t1";

settings::Provider entry(const std::string& name, std::vector<std::string> issuers, bool has_pattern = false) {
  settings::Provider made;
  made.name = name;
  made.digest = "of " + name;
  made.issuers = std::move(issuers);
  if (has_pattern) made.issuer_pattern = settings::Regex::compile("https://issuer\\.example/.*").value();
  return made;
}

// One decision that was made under `under_`, and `in_force_` unless a test says otherwise; judged by `now_`.
class ComparisonTest : public testing::Test {
 protected:
  ComparisonTest() {
    now_.providers = {entry("demo", {kIssuer})};
    now_.dynamic.routes = {route("a", std::vector<std::string>{"staff"})};
    in_force_ = now_;
    in_force_.providers[0].digest = "differs";  // so that nothing about a bearer is known, and the answer counts
    decided_by(now_.providers);
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
    made.issuer = TokenHasher().tag(kIssuer);
    made.has_credential = made.is_authenticated = made.is_question = true;
    made.used.fill(-1);
    return made;
  }
  // Its provider's name; none: nobody took it.
  PastDecision refused(Reason reason, const std::string& provider = "none") {
    PastDecision made = decision(reason, {});
    made.provider = provider;
    made.is_authenticated = false;
    return made;
  }
  PastDecision opaque(PastDecision made) {
    made.issuer.reset();
    made.opaque = Reason::kOpaqueUnsupported;
    return made;
  }
  void decided_by(const std::vector<settings::Provider>& providers) {
    under_.providers.clear();
    for (std::size_t i = 0; i < providers.size(); ++i)
      under_.providers[providers[i].name] = {providers[i].digest, i, opaque_.contains(providers[i].name)};
  }
  Comparison compare(const PastDecision& made) { return compare_all({made}); }
  Comparison compare_all(std::vector<PastDecision> all) {
    under_.api_keys = had_other_keys_ ? 0 : fingerprint_of_keys(now_);
    for (PastDecision& made : all) made.under = std::make_shared<const DecidedUnder>(under_);
    return verify::compare(all, rules(in_force_), rules(now_));
  }
  runtime::Rules rules(const settings::Settings& settings) {
    runtime::Rules made{std::make_shared<const settings::Settings>(settings),
                        std::make_shared<const access::Authorizer>(settings),
                        std::make_shared<const state::LimitTable>(settings.dynamic),
                        {}};
    for (const settings::Provider& each : settings.providers)
      made.takers.push_back({each.name, each.digest, each.issuers, templated_.contains(each.name),
                             each.issuer_pattern != nullptr, opaque_.contains(each.name)});
    return made;
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
  std::set<std::string> templated_, opaque_;  // entries that have templates, and that take opaque tokens
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
  now_.providers = {entry("other", {})};
  EXPECT_EQ(doubt(decision(Reason::kOk)), Doubt::kProviders) << "alone, and it takes every issuer";
}

TEST_F(ComparisonTest, an_entry_that_loses_the_issuer_loses_its_tokens) {
  now_.providers[0] = entry("demo", {"https://issuer.example/another"});
  now_.providers[0].digest = "d2";
  EXPECT_EQ(after(decision(Reason::kOk)), Reason::kUnknownIssuer);
}

TEST_F(ComparisonTest, an_exact_issuer_in_another_entry_wins_over_the_pattern_that_took_the_token) {
  decided_by({entry("demo", {}, true)});
  now_.providers = {entry("demo", {}, true), entry("new", {kIssuer})};
  EXPECT_EQ(doubt(decision(Reason::kOk)), Doubt::kProviders);
  EXPECT_EQ(doubt(refused(Reason::kWrongAudience, "demo")), Doubt::kProviders);
  now_.providers[1].issuers = {"https://issuer.example/t2"};
  EXPECT_EQ(after(decision(Reason::kOk)), Reason::kOk);
  EXPECT_EQ(after(refused(Reason::kWrongAudience, "demo")), Reason::kWrongAudience);
}

TEST_F(ComparisonTest, a_pattern_that_is_new_or_was_moved_may_win_when_it_stands_before) {
  const auto demo = entry("demo", {}, true), other = entry("other", {}, true);
  decided_by({demo});
  now_.providers = {other, demo};
  EXPECT_EQ(doubt(decision(Reason::kOk)), Doubt::kProviders);
  now_.providers = {demo, other};
  EXPECT_EQ(after(decision(Reason::kOk)), Reason::kOk);
  decided_by({demo, other});
  now_.providers = {other, demo};
  EXPECT_EQ(doubt(decision(Reason::kOk)), Doubt::kProviders) << "it stood behind, and was not asked";
  decided_by({other, demo});
  EXPECT_EQ(after(decision(Reason::kOk)), Reason::kOk) << "it was asked before, and did not match";
}

TEST_F(ComparisonTest, templates_come_between_exact_issuers_and_patterns) {
  templated_ = {"tenants"};
  const auto demo = entry("demo", {}, true), tenants = entry("tenants", {});
  decided_by({demo});
  now_.providers = {demo, tenants};
  EXPECT_EQ(doubt(decision(Reason::kOk)), Doubt::kProviders);
  decided_by({demo, tenants});
  EXPECT_EQ(after(decision(Reason::kOk)), Reason::kOk) << "it was asked before, and did not match";
  now_.providers = {entry("demo", {kIssuer}), tenants};
  decided_by({now_.providers[0]});
  EXPECT_EQ(after(decision(Reason::kOk)), Reason::kOk);
  templated_ = {"tenants", "demo"};
  now_.providers = {demo, tenants};
  decided_by({demo, tenants});
  EXPECT_EQ(after(decision(Reason::kOk)), Reason::kOk) << "by the template or by the pattern: nothing has changed";
  now_.providers = {tenants, demo};
  EXPECT_EQ(doubt(decision(Reason::kOk)), Doubt::kProviders);
}

TEST_F(ComparisonTest, tokens_of_an_entry_that_is_gone_may_be_taken_by_another) {
  const auto wide = entry("wide", {}, true), exact = entry("exact", {"https://issuer.example/t2"});
  decided_by({entry("demo", {kIssuer}), wide, exact});
  now_.providers = {wide, exact};
  EXPECT_EQ(doubt(decision(Reason::kOk)), Doubt::kProviders);
  now_.providers = {exact};
  EXPECT_EQ(after(decision(Reason::kOk)), Reason::kUnknownIssuer);
  EXPECT_EQ(compare(refused(Reason::kWrongAudience, "demo")).other_reason, 1U);
  now_.providers[0].issuers = {kIssuer};
  EXPECT_EQ(doubt(decision(Reason::kOk)), Doubt::kProviders);
}

TEST_F(ComparisonTest, what_nobody_took_stays_so_unless_something_new_may_take_it) {
  const auto wide = entry("wide", {}, true);
  decided_by({wide, entry("exact", {"https://issuer.example/t2"})});
  now_.providers = {wide, entry("new", {"https://issuer.example/t3"})};
  EXPECT_EQ(after(refused(Reason::kUnknownIssuer)), Reason::kUnknownIssuer);
  now_.providers = {wide, entry("new", {}, true)};
  EXPECT_EQ(doubt(refused(Reason::kUnknownIssuer)), Doubt::kProviders);
  now_.providers = {wide, entry("new", {kIssuer})};
  EXPECT_EQ(doubt(refused(Reason::kUnknownIssuer)), Doubt::kProviders);
}

TEST_F(ComparisonTest, a_lone_entry_without_issuers_takes_every_token_only_while_it_is_alone) {
  const auto lone = entry("demo", {}), other = entry("other", {"https://issuer.example/t2"});
  decided_by({lone});
  now_.providers = {lone};
  EXPECT_EQ(after(decision(Reason::kOk)), Reason::kOk);
  now_.providers = {lone, other};
  EXPECT_EQ(after(decision(Reason::kOk)), Reason::kUnknownIssuer);
  decided_by({lone, other});
  now_.providers = {lone};
  EXPECT_EQ(doubt(refused(Reason::kUnknownIssuer)), Doubt::kProviders);
}

TEST_F(ComparisonTest, an_opaque_token_is_its_providers_unless_one_before_it_may_know_it) {
  opaque_ = {"demo", "other"};
  const auto demo = entry("demo", {}), other = entry("other", {}), jwts = entry("jwts", {kIssuer});
  const PastDecision made = opaque(decision(Reason::kOk));
  decided_by({demo});
  now_.providers = {jwts, demo, other};
  EXPECT_EQ(after(made), Reason::kOk);
  now_.providers = {other, demo};
  EXPECT_EQ(doubt(made), Doubt::kProviders);
  decided_by({demo, other});
  EXPECT_EQ(doubt(made), Doubt::kProviders);
  decided_by({other, demo});
  EXPECT_EQ(after(made), Reason::kOk);
  now_.providers[1].digest = "d2";
  EXPECT_EQ(doubt(made), Doubt::kProvider);
  now_.providers = {jwts, other};
  EXPECT_EQ(doubt(made), Doubt::kProviders);
  now_.providers = {jwts};
  EXPECT_EQ(after(made), Reason::kOpaqueUnsupported);
}

TEST_F(ComparisonTest, a_refused_opaque_token_stays_refused_while_the_same_are_asked) {
  opaque_ = {"demo", "other"};
  const auto demo = entry("demo", {}), other = entry("other", {}), jwts = entry("jwts", {kIssuer});
  const PastDecision inactive = opaque(refused(Reason::kOpaqueInactive, "demo"));
  decided_by({demo, other});
  now_.providers = {demo, jwts, other};
  EXPECT_EQ(after(inactive), Reason::kOpaqueInactive);
  now_.providers = {demo};
  EXPECT_EQ(doubt(inactive), Doubt::kProviders);
  now_.providers = {other, demo};
  EXPECT_EQ(doubt(inactive), Doubt::kProviders);
  now_.providers = {jwts};
  EXPECT_EQ(compare(inactive).other_reason, 1U);
  const PastDecision nobodys = opaque(refused(Reason::kOpaqueUnsupported));
  decided_by({jwts});
  EXPECT_EQ(after(nobodys), Reason::kOpaqueUnsupported);
  now_.providers = {jwts, demo};
  EXPECT_EQ(doubt(nobodys), Doubt::kProviders);
}

TEST_F(ComparisonTest, what_is_no_token_at_all_is_refused_whatever_the_entries_are) {
  PastDecision made = refused(Reason::kMalformed);
  made.issuer.reset();
  now_.providers = {entry("other", {}, true)};
  EXPECT_EQ(after(made), Reason::kMalformed);
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

TEST_F(ComparisonTest, other_bounds_of_tokens_leave_refusals_open) {
  ++now_.verify.max_token_bytes;
  EXPECT_EQ(doubt(refused(Reason::kExpired, "demo")), Doubt::kProvider);
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
  now_.dynamic.keys = {{settings::ApiKeyHash::of_key("other"), "p", {"staff"}, false, std::nullopt}};
  EXPECT_EQ(after(made), Reason::kUnknownApiKey);
  now_.dynamic.keys = {{hash, "p", {"guest"}, false, std::nullopt}};
  EXPECT_EQ(after(made), Reason::kNoRole);
  now_.dynamic.keys[0].roles = {"staff"};
  EXPECT_EQ(after(made), Reason::kOk);
  now_.dynamic.keys[0].address_ranges = {"10.0.0.0/8"};
  had_other_keys_ = true;
  EXPECT_EQ(doubt(made), Doubt::kApiKeys);
}

TEST_F(ComparisonTest, without_keys_who_bears_one_bears_nothing) {
  const auto hash = settings::ApiKeyHash::of_key("k");
  in_force_.dynamic.keys = {{hash, "p", {"staff"}, false, std::nullopt}};
  PastDecision known = decision(Reason::kOk);
  known.provider = kApiKeyProvider;
  known.api_key = hash;
  PastDecision unknown = refused(Reason::kUnknownApiKey, std::string(kApiKeyProvider));
  unknown.issuer.reset();
  EXPECT_EQ(after(known), Reason::kNoToken);
  had_other_keys_ = true;
  EXPECT_EQ(compare(unknown).doubts.size(), 0U);
  now_.dynamic.routes[0].is_anonymous = true;
  EXPECT_EQ(after(known), Reason::kOk);
  EXPECT_EQ(after(unknown), Reason::kOk);
}

TEST_F(ComparisonTest, the_first_key_has_a_header_looked_at_that_nobody_looked_at_then) {
  PastDecision made = decision(Reason::kNoToken, {});
  made.provider = "none";
  made.has_credential = made.is_authenticated = false;
  now_.dynamic.keys = {{settings::ApiKeyHash::of_key("k"), "p", {"staff"}, false, std::nullopt}};
  EXPECT_EQ(doubt(made), Doubt::kApiKeys);
  under_.had_api_keys = true;
  EXPECT_EQ(after(made), Reason::kNoToken);
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
