// A provider that is switched off, as the worker decides it, and as the admin listener's guard does.
#include <gtest/gtest.h>

#include "verify/admin_guard.hpp"
#include "verify/decision_worker.hpp"
#include "world.hpp"

namespace bearerd::verify {
namespace {

using base::Algorithm;
using base::Reason;
using test::TestKey;
using test::World;

class DisabledTest : public testing::Test {
 protected:
  void SetUp() override {
    publish();
    WorkerOptions options;
    options.snapshots = &box_;
    options.clock = &world_.clock;
    options.metrics = &world_.metrics;
    options.cache_entries = 64;
    worker_ = std::make_unique<DecisionWorker>(options);
  }
  void publish(state::DisabledProviders disabled = {}, std::uint64_t epoch = 1) {
    auto snapshot = world_.snapshot();
    snapshot->disabled = std::make_shared<const state::DisabledProviders>(std::move(disabled));
    snapshot->epoch = epoch;
    box_.publish(std::move(snapshot));
  }
  Decision decide(const std::string& token) {
    Attempt attempt;
    return decide(token, attempt).value_or(Decision{});
  }
  std::optional<Decision> decide(const std::string& token, Attempt& attempt) {
    Request request;
    request.credential_kind = CredentialKind::kBearer;
    request.credential = token;
    request.arrived_at = world_.clock.steady();
    worker_->begin_turn();
    return worker_->decide(request, attempt);
  }

  World world_;
  const TestKey key_ = TestKey::generate(Algorithm::kEs256, "k1");
  test::Entry& entry_ = world_.add("demo", World::kIssuer, {key_});
  runtime::SnapshotBox box_;
  std::unique_ptr<DecisionWorker> worker_;
};

TEST_F(DisabledTest, refuses_fresh_and_remembered_tokens_until_it_is_switched_on) {
  const std::string token = key_.sign(world_.payload());
  EXPECT_EQ(decide(token).reason, Reason::kOk);
  publish({{"demo"}, false});
  const Decision refused = decide(token);
  EXPECT_EQ(refused.reason, Reason::kProviderUnavailable);
  EXPECT_EQ(refused.identity, nullptr);
  EXPECT_GT(refused.retry_after.count(), 0);
  EXPECT_EQ(decide(key_.sign(world_.payload(R"(,"jti":"2")"))).reason, Reason::kProviderUnavailable);
  publish();
  EXPECT_EQ(decide(token).reason, Reason::kOk);
}

TEST_F(DisabledTest, tells_nothing_about_a_bad_token) {
  publish({{"demo"}, false});
  const TestKey stranger = TestKey::generate(Algorithm::kEs256, "k1");
  EXPECT_EQ(decide(stranger.sign(world_.payload())).reason, Reason::kProviderUnavailable);
}

TEST_F(DisabledTest, spares_other_providers_and_everyone_means_everyone) {
  const std::string token = key_.sign(world_.payload());
  publish({{"another"}, false});
  EXPECT_EQ(decide(token).reason, Reason::kOk);
  publish({{}, true});
  EXPECT_EQ(decide(token).reason, Reason::kProviderUnavailable);
}

TEST_F(DisabledTest, holds_for_a_request_that_began_to_wait_before) {
  const TestKey rotated = TestKey::generate(Algorithm::kEs256, "k2");
  entry_.keys->answer = {keys::Wanted::kPending, std::chrono::seconds(1)};
  Attempt attempt;
  attempt.resume = [] {};
  const std::string token = rotated.sign(world_.payload());
  ASSERT_FALSE(decide(token, attempt));
  entry_.keys->publish({rotated});
  publish({{"demo"}, false});
  const auto decision = decide(token, attempt);
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->reason, Reason::kProviderUnavailable);
}

TEST_F(DisabledTest, another_epoch_forgets_what_was_remembered) {
  const std::string token = key_.sign(world_.payload());
  EXPECT_EQ(decide(token).reason, Reason::kOk);
  EXPECT_EQ(entry_.plugin->checks, 1);
  publish({}, 2);
  EXPECT_EQ(decide(token).reason, Reason::kOk);
  EXPECT_EQ(entry_.plugin->checks, 2);
}

class AdminGuardTest : public DisabledTest {
 protected:
  AdminGuardTest() {
    entry_.provider->settings.audience = {World::kAudience};
    entry_.provider->settings.role_paths = {base::ClaimPath::from_text("roles")};
    world_.settings.admin.providers = {"demo"};
    world_.settings.admin_rules = {{"roles", settings::RuleFunction::kEqual, {"boss"}}};
    world_.settings.observe_rules = {{"team", settings::RuleFunction::kEqual, {"sre"}}};
    publish();
  }
  Reason reason_of(const std::string& claims) {
    const auto grant = guard_.check(key_.sign(world_.payload(claims)), 1);
    return grant ? Reason::kOk : grant.error().reason;
  }
  const std::string boss_ = R"(,"roles":["boss"])";
  AdminGuard guard_{box_, nullptr, world_.clock, nullptr};
};

TEST_F(AdminGuardTest, grants_by_roles_and_by_claims_each_right_alone) {
  const auto boss = guard_.check(key_.sign(world_.payload(boss_)), 1);
  ASSERT_TRUE(boss);
  EXPECT_TRUE(boss->has_admin && !boss->has_observe && !boss->has_usage);
  EXPECT_EQ(boss->provider, "demo");
  EXPECT_FALSE(boss->caller.empty());
  const auto observer = guard_.check(key_.sign(world_.payload(R"(,"team":"sre")")), 1);
  ASSERT_TRUE(observer);
  EXPECT_TRUE(!observer->has_admin && observer->has_observe && !observer->has_usage);
}

TEST_F(AdminGuardTest, who_is_granted_nothing_is_refused) {
  EXPECT_EQ(reason_of(""), Reason::kNoRole);
  EXPECT_EQ(reason_of(R"(,"roles":["user"])"), Reason::kNoRole);
}

TEST_F(AdminGuardTest, a_token_of_a_provider_that_is_not_named_is_refused) {
  world_.settings.admin.providers = {"another"};
  publish();
  EXPECT_EQ(reason_of(boss_), Reason::kNoRole);
}

TEST_F(AdminGuardTest, a_provider_without_an_audience_of_its_settings_admits_nobody) {
  entry_.provider->settings.audience.clear();
  publish();
  EXPECT_EQ(reason_of(boss_), Reason::kNoRole);
}

TEST_F(AdminGuardTest, a_provider_whose_tokens_are_not_verified_admits_nobody) {
  entry_.provider->settings.is_unverified = true;
  publish();
  EXPECT_EQ(reason_of(boss_), Reason::kNoRole);
}

TEST_F(AdminGuardTest, nobody_is_asked_about_a_token_so_what_only_a_provider_can_judge_is_refused) {
  const std::string issuer = "https://asked.example";
  test::Entry& asked = world_.add("asked", issuer, {});
  asked.plugin->trust_.kinds = plugin::TokenKind::kBoth;
  asked.plugin->resolve_with = [](const plugin::Inquiry&) { return plugin::Resolved{}; };
  asked.provider->keys.clear();
  for (const state::DisabledProviders& disabled :
       {state::DisabledProviders{}, state::DisabledProviders{{"asked"}, false}}) {
    publish(disabled);
    EXPECT_EQ(guard_.check("opaque-token", 1).error().reason, Reason::kOpaqueUnsupported);
    EXPECT_EQ(guard_.check(key_.sign(world_.payload(boss_, issuer)), 1).error().reason, Reason::kOpaqueUnsupported);
  }
  EXPECT_EQ(reason_of(boss_), Reason::kOk);
}

TEST_F(AdminGuardTest, bad_tokens_and_disabled_providers_are_refused_as_everywhere) {
  EXPECT_EQ(guard_.check("no token", 1).error().reason, decide("no token").reason);
  const std::string token = key_.sign(world_.payload(boss_));
  world_.clock.advance(std::chrono::hours(1));
  EXPECT_EQ(guard_.check(token, 1).error().reason, Reason::kExpired);
  publish({{"demo"}, false});
  EXPECT_EQ(reason_of(boss_), Reason::kProviderUnavailable);
}

}  // namespace
}  // namespace bearerd::verify
