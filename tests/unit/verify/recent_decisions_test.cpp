#include "verify/recent_decisions.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "world.hpp"

namespace bearerd::verify {
namespace {

using base::Reason;
using test::TestKey;
using test::World;

class RecentDecisionsTest : public testing::Test {
 protected:
  void SetUp() override {
    world_.settings.admin.recent_decisions = 4;
    world_.settings.dynamic.routes.push_back({});
    world_.settings.dynamic.routes.back().name = "team";
    world_.settings.dynamic.routes.back().paths = {"/team/.*"};
    world_.settings.dynamic.routes.back().rules = {{"department", settings::RuleFunction::kEqual, {"Physics"}}};
    publish();
    start(recent_);
  }
  void start(RecentDecisions& recent) {
    WorkerOptions options;
    options.snapshots = &box_;
    options.clock = &world_.clock;
    options.metrics = &world_.metrics;
    options.cache_entries = 64;
    options.recent = &recent;
    worker_ = std::make_unique<DecisionWorker>(options);
  }
  void publish() { box_.publish(world_.snapshot()); }
  Reason ask(const std::string& token, std::string_view path) {
    Request request;
    request.credential_kind = token.empty() ? CredentialKind::kNone : CredentialKind::kBearer;
    request.credential = token;
    request.method = "GET";
    request.path = path;
    Attempt attempt;
    worker_->begin_turn();
    return worker_->decide(request, attempt)->reason;
  }

  World world_;
  const TestKey key_ = TestKey::generate(base::Algorithm::kEs256, "k1");
  test::Entry& entry_ = world_.add("demo", World::kIssuer, {key_});
  runtime::SnapshotBox box_;
  RecentDecisions recent_;
  std::unique_ptr<DecisionWorker> worker_;
};

TEST_F(RecentDecisionsTest, what_rules_need_is_kept_and_neither_the_token_nor_the_user) {
  const std::string token = key_.sign(world_.payload(R"(,"department":"Physics")"));
  EXPECT_EQ(ask(token, "/team/x"), Reason::kOk);
  const PastDecision kept = recent_.after(0, 10).at(0);
  EXPECT_EQ(kept.number, 1U);
  EXPECT_EQ(kept.provider, "demo");
  EXPECT_EQ(kept.route, "team");
  EXPECT_EQ(kept.path, "/team/x");
  EXPECT_TRUE(kept.is_authenticated);
  ASSERT_EQ(kept.claims.size(), 1U);
  EXPECT_EQ(kept.claims[0].values.at(0), TokenHasher().tag("physics"));
  EXPECT_EQ(kept.under->claims, std::vector<std::string>{"department"});
  EXPECT_EQ(kept.user, "");
}

TEST_F(RecentDecisionsTest, of_a_token_is_kept_by_what_it_finds_its_provider_and_the_issuer_as_a_tag_only) {
  const auto kept_of = [&](const std::string& token) {
    ask(token, "/team/x");
    return recent_.after(0, 10).back();
  };
  TokenHasher hasher;
  const std::string good = key_.sign(world_.payload());
  EXPECT_EQ(kept_of(good).issuer, hasher.tag(World::kIssuer));
  EXPECT_EQ(kept_of(good).issuer, hasher.tag(World::kIssuer)) << "of a token that is remembered";
  EXPECT_EQ(kept_of(key_.sign(world_.payload("", "https://nobody.example"))).issuer,
            hasher.tag("https://nobody.example"));
  EXPECT_EQ(kept_of(key_.sign(R"({"sub":"alice"})")).issuer, hasher.tag("")) << "it names none";
  EXPECT_EQ(kept_of(good).opaque, std::nullopt);
  const auto refusal_of = [&](const std::string& opaque) {
    EXPECT_EQ(kept_of(opaque).issuer, std::nullopt) << opaque;
    return kept_of(opaque).opaque;
  };
  EXPECT_EQ(refusal_of("opaque"), Reason::kOpaqueUnsupported);
  EXPECT_EQ(refusal_of("a.b.c"), Reason::kMalformed) << "opaque where somebody takes such tokens";
  EXPECT_EQ(refusal_of("a.b.c.d.e"), Reason::kEncryptedToken);
  EXPECT_EQ(refusal_of(good.substr(0, good.rfind('.'))), std::nullopt) << "no JWT, and meant to be one";
  EXPECT_EQ(refusal_of(""), std::nullopt);
}

TEST_F(RecentDecisionsTest, the_oldest_go_first_and_numbers_ascend) {
  for (int i = 0; i < 6; ++i) ask("", "/" + std::to_string(i));
  const auto all = recent_.after(0, 10);
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all.front().path, "/2");
  EXPECT_EQ(all.back().path, "/5");
  EXPECT_EQ(recent_.after(5, 10).at(0).path, "/5");
  EXPECT_EQ(recent_.after(0, 2).at(1).path, "/3");
  EXPECT_TRUE(recent_.after(6, 10).empty());
}

// Who goes on with a number from before a restart, after which the clock was set back, misses nothing.
TEST_F(RecentDecisionsTest, after_a_number_that_was_never_given_come_all) {
  ask("", "/a");
  EXPECT_EQ(recent_.after(1'000, 10).at(0).path, "/a");
}

TEST_F(RecentDecisionsTest, numbers_begin_where_they_are_told_to) {
  RecentDecisions later(41);
  start(later);
  ask("", "/a");
  EXPECT_EQ(later.after(0, 1).at(0).number, 42U);
}

TEST_F(RecentDecisionsTest, another_setting_holds_from_the_next_turn_on) {
  ask("", "/a");
  EXPECT_EQ(recent_.capacity(), 4U);
  world_.settings.admin.recent_decisions = 0;
  publish();
  ask("", "/b");
  EXPECT_EQ(recent_.capacity(), 0U);
  EXPECT_TRUE(recent_.after(0, 10).empty());
}

TEST_F(RecentDecisionsTest, texts_are_bounded_and_what_was_cut_is_marked) {
  ask("", "/" + std::string(5000, 'x'));
  const PastDecision kept = recent_.after(0, 1).at(0);
  EXPECT_LE(kept.path.size(), 1024U);
  EXPECT_TRUE(kept.is_cut);
}

TEST_F(RecentDecisionsTest, a_reader_never_makes_a_worker_wait_or_miss_a_number) {
  std::jthread reader([&](const std::stop_token& stop) {
    std::uint64_t last = 0;
    while (!stop.stop_requested()) {
      for (const PastDecision& each : recent_.after(last, 100)) {
        EXPECT_GT(each.number, last);
        last = each.number;
      }
    }
  });
  for (int i = 0; i < 2000; ++i) ask("", "/x");
  reader.request_stop();
  reader.join();
  ask("", "/x");  // the one that is certainly kept: a reader that loses the processor may cost all others
  EXPECT_EQ(recent_.after(0, 10).back().number + recent_.left_out(), 2001U);
}

}  // namespace
}  // namespace bearerd::verify
