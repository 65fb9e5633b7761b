// Revocation as the worker decides it: at verification, and at each hit of what was remembered.
#include <gtest/gtest.h>

#include "explained.hpp"
#include "state/state_key.hpp"
#include "verify/decision_worker.hpp"
#include "world.hpp"

namespace bearerd::verify {
namespace {

using base::Algorithm;
using base::Reason;
using state::RevocationKind;
using test::TestKey;
using test::World;

class RevocationTest : public testing::Test {
 protected:
  void SetUp() override {
    publish_settings();
    revoke_by_call({});
    WorkerOptions options;
    options.snapshots = &box_;
    options.clock = &world_.clock;
    options.metrics = &world_.metrics;
    options.cache_entries = 64;
    options.revocations = &revocations_;
    options_ = options;
    worker_ = std::make_unique<DecisionWorker>(options);
  }
  static settings::Revocation of(RevocationKind kind, const std::string& value,
                                 std::optional<std::int64_t> issued_before = std::nullopt) {
    settings::Revocation made;
    made.kind = kind;
    made.provider = "demo";
    made.value = value;
    if (issued_before) made.issued_before = base::Timestamp{*issued_before};
    return made;
  }
  void publish_settings(const std::vector<settings::Revocation>& listed = {}) {
    auto snapshot = world_.snapshot();
    snapshot->serial = ++serial_ + 1000;
    secret_ = snapshot->caller_secret;
    snapshot->listed_revocations = state::make_revocation_set(secret_, listed);
    box_.publish(std::move(snapshot));
  }
  void revoke_by_call(const std::vector<settings::Revocation>& revocations) {
    revocations_.publish(state::make_revocation_set(secret_, revocations));
  }
  Reason reason_of(const std::string& token) { return decide(token, CredentialKind::kBearer); }
  Reason decide(const std::string& credential, CredentialKind kind) {
    Attempt attempt;
    Request request;
    request.credential_kind = kind;
    request.credential = credential;
    request.arrived_at = world_.clock.steady();
    const test::Explained explained = test::explain(world_, options_, request, attempt);
    worker_->begin_turn();
    const auto decision = worker_->decide(request, attempt);
    test::expect_same(explained, decision);
    if (!decision) return Reason::kInternal;
    EXPECT_EQ(decision->identity != nullptr, decision->reason == Reason::kOk);
    return decision->reason;
  }
  [[nodiscard]] std::string token(const std::string& extra = "") const { return key_.sign(world_.payload(extra)); }
  [[nodiscard]] std::string issued(std::int64_t age) const {
    return token(",\"iat\":" + std::to_string(world_.clock.now() - age));
  }
  double metric(const std::string& name) {
    const std::string text = world_.metrics.expose();
    const std::size_t at = text.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
  }
  double hits() { return metric("bearerd_token_cache_hits_total"); }
  double misses() { return metric("bearerd_token_cache_misses_total"); }

  World world_;
  const TestKey key_ = TestKey::generate(Algorithm::kEs256, "k1");
  test::Entry& entry_ = world_.add("demo", World::kIssuer, {key_});
  std::uint64_t serial_ = 0;
  base::Secret secret_;
  runtime::SnapshotBox box_;
  state::RevocationBox revocations_;
  WorkerOptions options_;
  std::unique_ptr<DecisionWorker> worker_;
};

TEST_F(RevocationTest, each_kind_refuses_fresh_and_remembered_tokens_at_once_and_its_removal_takes_them_again) {
  const std::int64_t now = world_.clock.now();
  const std::string extra = R"(,"jti":"t-1","sid":"s-1","iat":)" + std::to_string(now - 60);
  for (const auto& revocation :
       {of(RevocationKind::kToken, "t-1"), of(RevocationKind::kSession, "s-1"), of(RevocationKind::kSubject, "alice"),
        of(RevocationKind::kSubjectBefore, "alice", now), of(RevocationKind::kKey, "k1"),
        of(RevocationKind::kProviderBefore, "", now)}) {
    SCOPED_TRACE(name(revocation.kind));
    const std::string one = token(extra + ",\"for\":\"" + std::string(name(revocation.kind)) + "\"");
    EXPECT_EQ(reason_of(one), Reason::kOk);
    revoke_by_call({revocation});
    EXPECT_EQ(reason_of(one), Reason::kRevoked);
    EXPECT_EQ(reason_of(one), Reason::kRevoked) << "remembered with what can be revoked of it";
    EXPECT_EQ(reason_of(token(extra)), Reason::kRevoked);
    revoke_by_call({});
    EXPECT_EQ(reason_of(one), Reason::kOk);
    publish_settings({revocation});
    EXPECT_EQ(reason_of(one), Reason::kRevoked);
    publish_settings();
    EXPECT_EQ(reason_of(one), Reason::kOk);
  }
}

TEST_F(RevocationTest, of_a_caller_refuses_the_api_keys_of_its_project) {
  for (const char* project : {"apollo", "gemini"}) {
    world_.settings.dynamic.keys.push_back({settings::ApiKeyHash::of_key(project), project, {}, false, std::nullopt});
  }
  publish_settings();
  const auto ask = [&](const std::string& key) { return decide(key, CredentialKind::kApiKey); };
  EXPECT_EQ(ask("apollo"), Reason::kOk);
  settings::Revocation of_project = of(RevocationKind::kSubject, state::caller_key(secret_, kApiKeyProvider, "apollo"));
  of_project.is_caller = true;
  for (const bool is_by_call : {true, false}) {
    is_by_call ? revoke_by_call({of_project}) : publish_settings({of_project});
    EXPECT_EQ(ask("apollo"), Reason::kRevoked);
    EXPECT_EQ(ask("gemini"), Reason::kOk);
    revoke_by_call({});
  }
  publish_settings();
  EXPECT_EQ(ask("apollo"), Reason::kOk);
}

TEST_F(RevocationTest, of_another_spares_the_token) {
  const std::int64_t now = world_.clock.now();
  const std::string one = token(R"(,"jti":"t-1","sid":"s-1","iat":)" + std::to_string(now));
  revoke_by_call({of(RevocationKind::kToken, "t-2"), of(RevocationKind::kSession, "s-2"),
                  of(RevocationKind::kSubject, "bob"), of(RevocationKind::kSubjectBefore, "alice", now),
                  of(RevocationKind::kKey, "k2"), of(RevocationKind::kProviderBefore, "", now)});
  EXPECT_EQ(reason_of(one), Reason::kOk);
  EXPECT_EQ(reason_of(one), Reason::kOk);
}

TEST_F(RevocationTest, token_without_a_date_cannot_show_that_it_is_young_enough) {
  revoke_by_call({of(RevocationKind::kProviderBefore, "", world_.clock.now() - 1'000'000)});
  EXPECT_EQ(reason_of(token()), Reason::kRevoked);
  EXPECT_EQ(reason_of(issued(10)), Reason::kOk);
}

TEST_F(RevocationTest, remembered_verdict_is_verified_anew_once_when_the_first_revocation_comes) {
  const std::string one = token(R"(,"jti":"t-1")");
  EXPECT_EQ(reason_of(one), Reason::kOk);
  EXPECT_EQ(misses(), 1);
  revoke_by_call({of(RevocationKind::kToken, "other")});
  EXPECT_EQ(reason_of(one), Reason::kOk);
  EXPECT_EQ(misses(), 2);
  revoke_by_call({of(RevocationKind::kToken, "other"), of(RevocationKind::kToken, "one more")});
  EXPECT_EQ(reason_of(one), Reason::kOk);
  EXPECT_EQ(misses(), 2) << "it has what it needs by now";
  revoke_by_call({of(RevocationKind::kToken, "t-1")});
  EXPECT_EQ(reason_of(one), Reason::kRevoked);
  EXPECT_EQ(misses(), 2);
  EXPECT_EQ(hits(), 2);
}

TEST_F(RevocationTest, ends_at_its_time_for_remembered_verdicts_too) {
  settings::Revocation revocation = of(RevocationKind::kSubject, "alice");
  revocation.until = base::Timestamp{world_.clock.now() + 100};
  revoke_by_call({revocation});
  const std::string one = token();
  EXPECT_EQ(reason_of(one), Reason::kRevoked);
  world_.clock.advance(std::chrono::seconds(99));
  EXPECT_EQ(reason_of(one), Reason::kRevoked);
  world_.clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(reason_of(one), Reason::kOk);
}

TEST_F(RevocationTest, key_is_the_one_that_signed_whatever_the_header_says) {
  revoke_by_call({of(RevocationKind::kKey, "k1")});
  EXPECT_EQ(reason_of(key_.sign(R"({"alg":"ES256"})", world_.payload())), Reason::kRevoked);
}

TEST_F(RevocationTest, session_is_what_the_plugin_says_before_the_common_claim) {
  entry_.plugin->who.has_session = true;
  entry_.plugin->who.session = "origin-1";
  revoke_by_call({of(RevocationKind::kSession, "origin-1")});
  EXPECT_EQ(reason_of(token(R"(,"sid":"s-1")")), Reason::kRevoked);
  revoke_by_call({of(RevocationKind::kSession, "s-1")});
  EXPECT_EQ(reason_of(token(R"(,"sid":"s-1")")), Reason::kOk);
}

TEST_F(RevocationTest, token_is_named_by_uti_where_it_has_no_jti) {
  revoke_by_call({of(RevocationKind::kToken, "u-1")});
  EXPECT_EQ(reason_of(token(R"(,"uti":"u-1")")), Reason::kRevoked);
  EXPECT_EQ(reason_of(token(R"(,"uti":"u-1","jti":"t-1")")), Reason::kOk);
}

TEST_F(RevocationTest, while_nothing_is_known_old_tokens_are_refused_and_younger_ones_taken) {
  const std::string remembered = issued(60);
  const std::string undated = token();
  EXPECT_EQ(reason_of(remembered), Reason::kOk);
  EXPECT_EQ(reason_of(undated), Reason::kOk);
  EXPECT_FALSE(worker_->are_revocations_unreadable());
  revocations_.publish(
      std::make_shared<const state::RevocationSet>(std::span<const state::RevocationEntry>{}, world_.clock.now() + 1));
  EXPECT_EQ(reason_of(remembered), Reason::kRevoked);
  EXPECT_EQ(reason_of(undated), Reason::kRevoked);
  EXPECT_TRUE(worker_->are_revocations_unreadable());
  world_.clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(reason_of(issued(0)), Reason::kOk);
  EXPECT_EQ(reason_of(remembered), Reason::kRevoked);
  revoke_by_call({});
  EXPECT_EQ(reason_of(remembered), Reason::kOk);
}

TEST_F(RevocationTest, counts_as_a_denial_of_its_provider) {
  revoke_by_call({of(RevocationKind::kSubject, "alice")});
  EXPECT_EQ(reason_of(token()), Reason::kRevoked);
  EXPECT_EQ(metric(R"(bearerd_verify_requests_total{decision="deny",provider="demo",reason="revoked"})"), 1);
}

}  // namespace
}  // namespace bearerd::verify
