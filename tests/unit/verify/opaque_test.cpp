// Opaque tokens on the decision path: parked, asked about in the background, remembered, and never waited for.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "state/revocation_set.hpp"
#include "unit/verify/world.hpp"
#include "verify/inquiries.hpp"

namespace bearerd::verify {
namespace {

using base::Reason;
using test::Entry;
using test::World;

// Lets a background thread go on when the test says so.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
};

class NoFetcher final : public net::Fetcher {
 public:
  base::Result<net::FetchResponse> fetch(const net::FetchRequest&) override {
    return base::fail(base::ErrorCode::kUnavailable, "no network here");
  }
};

plugin::Resolved accepted(const std::string& json) {
  plugin::Resolved resolved;
  resolved.reason = Reason::kOk;
  resolved.claims = jose::ClaimsDocument::parse(json).value();
  return resolved;
}

plugin::Resolved refused(Reason reason) {
  plugin::Resolved resolved;
  resolved.reason = reason;
  return resolved;
}

class OpaqueTest : public ::testing::Test {
 protected:
  Entry& add_opaque(const std::string& name) {
    Entry& entry = world_.add(name, "", {});
    entry.plugin->trust_.kinds = plugin::TokenKind::kOpaque;
    entry.provider->keys.clear();
    entry.provider->endpoints = std::make_shared<const plugin::Endpoints>(
        entry.provider->settings, plugin::EndpointTools{&fetcher_, &world_.clock, nullptr, nullptr});
    return entry;
  }
  // JWTs whose roles are elsewhere.
  Entry& add_enriching(const std::string& name, const test::TestKey& key) {
    Entry& entry = world_.add(name, World::kIssuer, {key});
    entry.provider->endpoints = std::make_shared<const plugin::Endpoints>(
        entry.provider->settings, plugin::EndpointTools{&fetcher_, &world_.clock, nullptr, nullptr});
    entry.plugin->needs_enrichment = true;
    return entry;
  }
  void start() {
    box_.publish(world_.snapshot());
    WorkerOptions options;
    options.snapshots = &box_;
    options.clock = &world_.clock;
    options.metrics = &world_.metrics;
    options.cache_entries = 64;
    options.inquiries = &*inquiries_;
    options.revocations = &revocations_;
    worker_ = std::make_unique<DecisionWorker>(options);
  }
  std::string claims(const std::string& more = "") const { return world_.payload(more); }

  // As a connection does it: parks, and asks again when it is told to.
  Decision ask(const std::string& token) {
    Asked asked = begin(token);
    if (asked.decision) return *asked.decision;
    asked.resumed->pass();
    auto decision = worker_->decide(asked.request, *asked.attempt);
    return decision ? *decision : Decision{};
  }
  struct Asked {
    std::shared_ptr<const std::string> token;  // what the request looks at
    Request request;
    std::unique_ptr<Attempt> attempt;
    std::shared_ptr<Gate> resumed;
    std::optional<Decision> decision;
  };
  Asked begin(const std::string& token) {
    Asked asked;
    asked.request.credential_kind = CredentialKind::kBearer;
    asked.token = std::make_shared<const std::string>(token);
    asked.request.credential = *asked.token;
    asked.request.arrived_at = world_.clock.steady();
    asked.attempt = std::make_unique<Attempt>();
    asked.resumed = std::make_shared<Gate>();
    asked.attempt->resume = [gate = asked.resumed] { gate->open(); };
    worker_->begin_turn();
    asked.decision = worker_->decide(asked.request, *asked.attempt);
    return asked;
  }

  NoFetcher fetcher_;
  World world_;
  runtime::SnapshotBox box_;
  state::RevocationBox revocations_;
  std::optional<Inquiries> inquiries_{std::in_place, world_.clock};
  std::unique_ptr<DecisionWorker> worker_;
};

TEST_F(OpaqueTest, the_first_question_parks_and_the_next_one_is_remembered) {
  std::atomic<int> asked = 0;
  add_opaque("idp").plugin->resolve_with = [&](const plugin::Inquiry& inquiry) {
    EXPECT_EQ(inquiry.credential, "opaque-token");
    ++asked;
    return accepted(claims());
  };
  start();
  Asked first = begin("opaque-token");
  EXPECT_FALSE(first.decision);
  first.resumed->pass();
  const auto decision = worker_->decide(first.request, *first.attempt);
  ASSERT_TRUE(decision);
  ASSERT_EQ(decision->reason, Reason::kOk);
  EXPECT_EQ(decision->identity->user_id, "alice");
  EXPECT_TRUE(begin("opaque-token").decision);
  EXPECT_EQ(asked, 1);
}

TEST_F(OpaqueTest, a_token_is_asked_about_once_at_a_time) {
  Gate gate;
  std::atomic<int> asked = 0;
  add_opaque("idp").plugin->resolve_with = [&](const plugin::Inquiry&) {
    ++asked;
    gate.pass();
    return accepted(claims());
  };
  start();
  std::vector<Asked> all;
  for (int i = 0; i < 20; ++i) all.push_back(begin("opaque-token"));
  gate.open();
  for (Asked& each : all) {
    each.resumed->pass();
    EXPECT_EQ(worker_->decide(each.request, *each.attempt)->reason, Reason::kOk);
  }
  EXPECT_EQ(asked, 1);
}

TEST_F(OpaqueTest, an_answer_is_used_no_longer_than_the_settings_say) {
  std::atomic<bool> is_active = true;
  add_opaque("idp").plugin->resolve_with = [&](const plugin::Inquiry&) {
    return is_active ? accepted(claims()) : refused(Reason::kOpaqueInactive);
  };
  start();
  EXPECT_EQ(ask("opaque-token").reason, Reason::kOk);
  is_active = false;
  world_.clock.advance(std::chrono::seconds(29));
  EXPECT_EQ(ask("opaque-token").reason, Reason::kOk);
  world_.clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(ask("opaque-token").reason, Reason::kOpaqueInactive);
}

TEST_F(OpaqueTest, an_answer_is_used_no_longer_than_the_token_lives) {
  Entry& entry = add_opaque("idp");
  entry.provider->time.clock_skew = std::chrono::seconds(0);
  entry.plugin->resolve_with = [&](const plugin::Inquiry&) {
    plugin::Resolved resolved = accepted(claims());
    resolved.valid_until = world_.clock.now() + 5;
    return resolved;
  };
  start();
  EXPECT_EQ(ask("opaque-token").reason, Reason::kOk);
  entry.plugin->resolve_with = [](const plugin::Inquiry&) { return refused(Reason::kOpaqueInactive); };
  world_.clock.advance(std::chrono::seconds(6));
  EXPECT_EQ(ask("opaque-token").reason, Reason::kOpaqueInactive);
}

TEST_F(OpaqueTest, inactive_is_remembered_briefly) {
  std::atomic<int> asked = 0;
  Entry& entry = add_opaque("idp");
  entry.provider->settings.negative_ttl = std::chrono::seconds(10);
  entry.plugin->resolve_with = [&](const plugin::Inquiry&) {
    ++asked;
    return refused(Reason::kOpaqueInactive);
  };
  start();
  EXPECT_EQ(ask("opaque-token").reason, Reason::kOpaqueInactive);
  EXPECT_EQ(ask("opaque-token").reason, Reason::kOpaqueInactive);
  EXPECT_EQ(asked, 1);
  world_.clock.advance(std::chrono::seconds(10));
  EXPECT_EQ(ask("opaque-token").reason, Reason::kOpaqueInactive);
  EXPECT_EQ(asked, 2);
}

TEST_F(OpaqueTest, an_outage_is_503_with_a_time_to_come_again_and_soon_looked_at_anew) {
  std::atomic<int> asked = 0;
  add_opaque("idp").plugin->resolve_with = [&](const plugin::Inquiry&) {
    return ++asked == 1 ? refused(Reason::kProviderUnavailable) : accepted(claims());
  };
  start();
  const Decision decision = ask("opaque-token");
  EXPECT_EQ(decision.reason, Reason::kProviderUnavailable);
  EXPECT_GE(decision.retry_after.count(), 1);
  world_.clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(ask("opaque-token").reason, Reason::kOk);
}

TEST_F(OpaqueTest, a_hanging_provider_is_cut_off_at_the_wait) {
  Gate gate;
  add_opaque("idp").plugin->resolve_with = [&](const plugin::Inquiry&) {
    gate.pass();
    return accepted(claims());
  };
  start();
  Asked asked = begin("opaque-token");
  ASSERT_FALSE(asked.decision);
  EXPECT_EQ(asked.attempt->deadline, asked.request.arrived_at + std::chrono::milliseconds(150));
  asked.attempt->is_expired = true;
  const auto decision = worker_->decide(asked.request, *asked.attempt);
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->reason, Reason::kProviderUnavailable);
  EXPECT_GE(decision->retry_after.count(), 1);
  gate.open();
  inquiries_.reset();  // nobody is left at the gate
}

TEST_F(OpaqueTest, a_hanging_provider_fills_its_own_lane_and_nobody_elses) {
  Gate gate;
  add_opaque("hanging").plugin->resolve_with = [&](const plugin::Inquiry&) {
    gate.pass();
    return refused(Reason::kOpaqueInactive);
  };
  add_opaque("healthy").plugin->resolve_with = [&](const plugin::Inquiry&) { return accepted(claims()); };
  start();
  for (std::size_t i = 0; i < Lane::kMaxThreads + Lane::kMaxQueued + 8; ++i)
    EXPECT_EQ(ask("token-" + std::to_string(i)).reason, Reason::kOk) << i;
  gate.open();
  inquiries_.reset();  // nobody is left at the gate
}

TEST_F(OpaqueTest, of_several_providers_the_one_that_knows_the_token_decides) {
  add_opaque("first").plugin->resolve_with = [](const plugin::Inquiry&) { return refused(Reason::kOpaqueInactive); };
  Entry& second = add_opaque("second");
  second.plugin->resolve_with = [&](const plugin::Inquiry&) { return accepted(claims()); };
  start();
  Decision decision = ask("opaque-token");
  if (decision.reason != Reason::kOk) decision = ask("opaque-token");  // the first was told of before the second
  ASSERT_EQ(decision.reason, Reason::kOk);
  EXPECT_EQ(decision.identity->provider, "second");
}

TEST_F(OpaqueTest, an_outage_of_one_of_several_is_no_inactive) {
  add_opaque("first").plugin->resolve_with = [](const plugin::Inquiry&) { return refused(Reason::kOpaqueInactive); };
  add_opaque("second").plugin->resolve_with = [](const plugin::Inquiry&) {
    return refused(Reason::kProviderUnavailable);
  };
  start();
  Asked asked = begin("opaque-token");
  while (!asked.decision) {
    asked.resumed->pass();
    asked.decision = worker_->decide(asked.request, *asked.attempt);
  }
  EXPECT_EQ(asked.decision->reason, Reason::kProviderUnavailable);
}

TEST_F(OpaqueTest, times_audience_binding_and_rules_hold_for_an_answer_as_for_a_token) {
  Entry& entry = add_opaque("idp");
  std::string answer;
  entry.plugin->resolve_with = [&](const plugin::Inquiry&) { return accepted(answer); };
  start();
  int number = 0;
  const auto reason_of = [&](std::string json) {
    answer = std::move(json);
    return ask("token-" + std::to_string(++number)).reason;
  };
  EXPECT_EQ(reason_of(R"({"sub":"a","aud":"our-api"})"), Reason::kOk);  // RFC 7662 section 2.2: exp is optional
  EXPECT_EQ(reason_of(R"({"sub":"a","aud":"our-api","exp":1})"), Reason::kExpired);
  EXPECT_EQ(reason_of(R"({"sub":"a","aud":"our-api","exp":"tomorrow"})"), Reason::kMalformed);
  EXPECT_EQ(reason_of(R"({"sub":"a","aud":"our-api","nbf":4000000000})"), Reason::kNotYetValid);
  EXPECT_EQ(reason_of(R"({"sub":"a","aud":"another"})"), Reason::kWrongAudience);
  EXPECT_EQ(reason_of(R"({"sub":"a"})"), Reason::kWrongAudience);
  EXPECT_EQ(reason_of(R"({"aud":"our-api"})"), Reason::kMissingClaim);
  EXPECT_EQ(reason_of(R"({"sub":"a","aud":"our-api","cnf":{"jkt":"x"}})"), Reason::kSenderConstrained);
  entry.plugin->verdict = Reason::kClaimRejected;
  EXPECT_EQ(reason_of(R"({"sub":"a","aud":"our-api"})"), Reason::kClaimRejected);
}

TEST_F(OpaqueTest, dots_make_no_jwt_of_a_token_that_has_no_header) {
  add_opaque("op").plugin->resolve_with = [&](const plugin::Inquiry&) { return accepted(claims()); };
  start();
  for (const char* token : {"ya29.c.b0AXv0zTO", "v2.local.xyz", "a.b.c.d.e", "a.b.c.d"})
    EXPECT_EQ(ask(token).reason, Reason::kOk) << token;
  for (const char* token : {"eyJhbGciOiJSUzI1NiJ9.c.d", "eyJ.x"})
    EXPECT_EQ(ask(token).reason, Reason::kMalformed) << token;
}

TEST_F(OpaqueTest, without_anybody_to_ask_segments_are_a_broken_jwt) {
  world_.add("demo", World::kIssuer, {test::TestKey::generate(base::Algorithm::kEs256, "k1")});
  start();
  EXPECT_EQ(ask("ya29.c.b0AXv0zTO").reason, Reason::kMalformed);
  EXPECT_EQ(ask("a.b.c.d.e").reason, Reason::kEncryptedToken);
}

TEST_F(OpaqueTest, an_answer_of_another_issuer_is_refused) {
  Entry& entry = add_opaque("idp");
  entry.provider->settings.issuers = {World::kIssuer};
  entry.plugin->resolve_with = [&](const plugin::Inquiry&) {
    return accepted(world_.payload("", "https://another.example"));
  };
  start();
  EXPECT_EQ(ask("opaque-token").reason, Reason::kUnknownIssuer);
}

TEST_F(OpaqueTest, a_jwt_of_a_provider_that_is_always_asked_is_asked_about) {
  const test::TestKey key = test::TestKey::generate(base::Algorithm::kEs256, "k1");
  Entry& entry = add_opaque("idp");
  entry.provider->settings.issuers = {World::kIssuer};
  std::atomic<bool> is_active = true;
  entry.plugin->resolve_with = [&](const plugin::Inquiry&) {
    return is_active ? accepted(claims()) : refused(Reason::kOpaqueInactive);
  };
  start();
  EXPECT_EQ(ask(key.sign(claims())).reason, Reason::kOk);
  is_active = false;
  EXPECT_EQ(ask(key.sign(claims(R"(,"n":1)"))).reason, Reason::kOpaqueInactive);
  // Sent as a plain token, it has no protection left, whatever its provider says.
  is_active = true;
  EXPECT_EQ(ask(key.sign(claims(R"(,"cnf":{"jkt":"x"})"))).reason, Reason::kSenderConstrained);
}

TEST_F(OpaqueTest, roles_that_are_not_in_the_token_are_fetched_and_unknown_is_never_none) {
  const test::TestKey key = test::TestKey::generate(base::Algorithm::kEs256, "k1");
  Entry& entry = add_enriching("idp", key);
  std::atomic<bool> is_up = true;
  std::atomic<int> asked = 0;
  entry.plugin->enrich_with = [&](const plugin::Inquiry&) {
    ++asked;
    plugin::Enriched enriched;
    enriched.reason = is_up ? Reason::kOk : Reason::kProviderUnavailable;
    enriched.identity.roles = {"clerk"};
    return enriched;
  };
  start();
  const Decision decision = ask(key.sign(claims()));
  ASSERT_EQ(decision.reason, Reason::kOk);
  EXPECT_EQ(decision.identity->roles, std::vector<std::string>{"clerk"});
  is_up = false;
  EXPECT_EQ(ask(key.sign(claims(R"(,"n":1)"))).reason, Reason::kProviderUnavailable);
  // A token that is bad in itself is never asked about.
  EXPECT_EQ(asked, 2);
  const test::TestKey stranger = test::TestKey::generate(base::Algorithm::kEs256, "k1");
  EXPECT_EQ(ask(stranger.sign(claims(R"(,"n":2)"))).reason, Reason::kBadSignature);
  entry.plugin->verdict = Reason::kClaimRejected;
  EXPECT_EQ(ask(key.sign(claims(R"(,"n":2)"))).reason, Reason::kClaimRejected);
  EXPECT_EQ(asked, 2);
}

// Nothing but what the inquiries remember, and they remember few.
class RememberedAnswers : public OpaqueTest {
 protected:
  static constexpr std::size_t kMost = 8;
  RememberedAnswers() {
    inquiries_.emplace(world_.clock, kMost);
    add_opaque("idp").plugin->resolve_with = [this](const plugin::Inquiry& inquiry) {
      ++asked_;
      return inquiry.credential.starts_with("good") ? accepted(claims()) : refused(Reason::kOpaqueInactive);
    };
    world_.settings.cache.verdict_life = std::chrono::seconds(0);
    start();
  }
  void ask_many(const std::string& name, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) (void)ask(name + std::to_string(i));
  }
  // Whether the provider was asked for it.
  bool is_asked_about(const std::string& token) {
    const int before = asked_;
    (void)ask(token);
    return asked_ != before;
  }
  std::atomic<int> asked_ = 0;
};

TEST_F(RememberedAnswers, invented_tokens_push_out_nobody_who_is_known) {
  ask_many("good-", 1);
  ask_many("invented-", 100);
  EXPECT_EQ(asked_, 101);
  EXPECT_FALSE(is_asked_about("good-0"));
}

TEST_F(RememberedAnswers, of_either_kind_the_oldest_are_forgotten_when_there_are_too_many) {
  for (const std::string name : {"good-", "invented-"}) {
    ask_many(name, kMost + 1);
    EXPECT_FALSE(is_asked_about(name + std::to_string(kMost))) << name;
    EXPECT_FALSE(is_asked_about(name + "1")) << name;
    EXPECT_TRUE(is_asked_about(name + "0")) << name;
  }
}

TEST_F(OpaqueTest, a_key_that_is_revoked_later_ends_remembered_tokens_with_fetched_roles) {
  const test::TestKey key = test::TestKey::generate(base::Algorithm::kEs256, "k1");
  add_enriching("idp", key).plugin->enrich_with = [](const plugin::Inquiry&) {
    plugin::Enriched enriched;
    enriched.reason = Reason::kOk;
    return enriched;
  };
  start();
  const std::string token = key.sign(claims());
  EXPECT_EQ(ask(token).reason, Reason::kOk);  // nothing is revoked as it is remembered
  settings::Revocation revocation;
  revocation.kind = state::RevocationKind::kKey;
  revocation.provider = "idp";
  revocation.value = "k1";
  revocations_.publish(state::make_revocation_set(box_.get()->caller_secret, {revocation}));
  EXPECT_EQ(ask(token).reason, Reason::kRevoked);
}

TEST_F(OpaqueTest, the_plugins_look_at_the_audience_counts_only_where_the_answer_says_none) {
  Entry& entry = add_opaque("idp");
  entry.plugin->trust_.checks_audience = true;
  std::string answer;
  entry.plugin->resolve_with = [&](const plugin::Inquiry&) { return accepted(answer); };
  start();
  int number = 0;
  const auto reason_of = [&](std::string json) {
    answer = std::move(json);
    return ask("token-" + std::to_string(++number)).reason;
  };
  EXPECT_EQ(reason_of(R"({"sub":"a"})"), Reason::kOk);
  EXPECT_EQ(reason_of(R"({"sub":"a","aud":"our-api"})"), Reason::kOk);
  EXPECT_EQ(reason_of(R"({"sub":"a","aud":"another"})"), Reason::kWrongAudience);
  EXPECT_EQ(reason_of(R"({"sub":"a","aud":null})"), Reason::kWrongAudience);
}

TEST_F(OpaqueTest, an_answer_near_its_end_is_used_and_asked_for_anew) {
  std::atomic<int> asked = 0;
  Gate gate;
  add_opaque("idp").plugin->resolve_with = [&](const plugin::Inquiry&) {
    if (++asked == 2) gate.pass();
    return accepted(R"({"aud":"our-api","sub":"user-)" + std::to_string(asked) + "\"}");
  };
  start();
  ASSERT_EQ(ask("opaque-token").reason, Reason::kOk);
  world_.clock.advance(std::chrono::seconds(23));
  ASSERT_TRUE(begin("opaque-token").decision);
  world_.clock.advance(std::chrono::seconds(2));
  for (int i = 0; i < 3; ++i) {  // nobody waits for the new one, and it is asked for once
    const Decision decision = begin("opaque-token").decision.value_or(Decision{});
    EXPECT_EQ(decision.identity != nullptr ? decision.identity->user_id : "", "user-1");
  }
  gate.open();
  world_.clock.advance(std::chrono::seconds(6));  // past the end of the old one
  const Decision renewed = ask("opaque-token");
  ASSERT_EQ(renewed.reason, Reason::kOk);
  EXPECT_EQ(renewed.identity->user_id, "user-2");
  EXPECT_EQ(asked, 2);
}

TEST_F(OpaqueTest, an_outage_takes_a_good_answer_from_nobody_before_its_end) {
  std::atomic<int> asked = 0;
  add_opaque("idp").plugin->resolve_with = [&](const plugin::Inquiry&) {
    return ++asked == 1 ? accepted(claims()) : refused(Reason::kProviderUnavailable);
  };
  world_.settings.cache.verdict_life = std::chrono::seconds(0);  // only what the inquiries remember
  world_.settings.cache.opaque_life = std::chrono::seconds(300);
  start();
  ASSERT_EQ(ask("opaque-token").reason, Reason::kOk);
  world_.clock.advance(std::chrono::seconds(240));
  while (asked < 3) {  // the third question is begun some time after the second was answered
    const auto decision = begin("opaque-token").decision;
    ASSERT_TRUE(decision);
    ASSERT_EQ(decision->reason, Reason::kOk);
    world_.clock.advance(std::chrono::microseconds(100));
    std::this_thread::yield();
  }
  world_.clock.advance(std::chrono::seconds(60));
  Asked last = begin("opaque-token");
  while (!last.decision) {  // first told of a question from before
    last.resumed->pass();
    last.decision = worker_->decide(last.request, *last.attempt);
  }
  EXPECT_EQ(last.decision->reason, Reason::kProviderUnavailable);
  inquiries_.reset();
}

TEST_F(OpaqueTest, invented_tokens_leave_half_of_a_lane_to_whoever_is_known) {
  Gate gate;
  std::atomic<bool> hangs = false;
  add_opaque("idp").plugin->resolve_with = [&](const plugin::Inquiry& inquiry) {
    if (hangs) gate.pass();
    return inquiry.credential == "good-token" ? accepted(claims()) : refused(Reason::kOpaqueInactive);
  };
  start();
  ASSERT_EQ(ask("good-token").reason, Reason::kOk);
  hangs = true;
  world_.clock.advance(std::chrono::seconds(31));
  for (std::size_t i = 0; i < Lane::kMaxThreads + Lane::kMaxQueued; ++i) begin("invented-" + std::to_string(i));
  EXPECT_TRUE(begin("invented-one-more").decision) << "their half is full";
  Asked known = begin("good-token");
  gate.open();
  ASSERT_FALSE(known.decision);
  known.resumed->pass();
  EXPECT_EQ(worker_->decide(known.request, *known.attempt)->reason, Reason::kOk);
  inquiries_.reset();  // nobody is left at the gate
}

TEST_F(OpaqueTest, an_answer_that_is_too_large_to_keep_is_used_for_a_second) {
  std::atomic<int> asked = 0;
  Entry& entry = add_opaque("idp");
  entry.plugin->who.has_roles = true;
  entry.plugin->who.roles = {std::string(9000, 'r')};
  entry.plugin->resolve_with = [&](const plugin::Inquiry&) {
    ++asked;
    return accepted(claims());
  };
  start();
  EXPECT_EQ(ask("opaque-token").reason, Reason::kOk);
  EXPECT_EQ(ask("opaque-token").reason, Reason::kOk);
  EXPECT_EQ(asked, 1);
  world_.clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(ask("opaque-token").reason, Reason::kOk);
  EXPECT_EQ(asked, 2);
}

}  // namespace
}  // namespace bearerd::verify
