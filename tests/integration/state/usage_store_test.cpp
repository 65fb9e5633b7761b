// One table for both places that count: whatever is asked, they answer alike.
#include "state/usage_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <random>
#include <ranges>
#include <thread>

#include "integration/state/redis_server.hpp"
#include "state/embedded_store.hpp"
#include "state/redis_store.hpp"
#include "support/manual_clock.hpp"
#include "support/wait_until.hpp"

namespace bearerd::state {
namespace {

using namespace std::chrono_literals;
using test::wait_until;

CallerId caller(std::uint8_t number) {
  CallerId id;
  id.bytes.fill(number);
  return id;
}

// Asks as an event loop does, and waits for what it would be woken for.
std::optional<Standing> ask(UsageStore& store, const LimitQuestion& question) {
  std::mutex mutex;
  std::condition_variable arrived;
  bool is_resumed = false;
  const std::function<void()> resume = [&] {
    const std::lock_guard lock(mutex);
    is_resumed = true;
    arrived.notify_all();
  };
  LimitAnswer answer = store.check(question, &resume);
  if (const auto* const standing = std::get_if<Standing>(&answer)) return *standing;
  if (std::holds_alternative<NoStanding>(answer)) return std::nullopt;
  auto& pending = *std::get<std::shared_ptr<PendingStanding>>(answer);
  std::unique_lock lock(mutex);
  EXPECT_TRUE(arrived.wait_for(lock, 10s, [&] { return is_resumed; }));
  const auto found = pending.find();
  if (!found) return std::nullopt;
  const auto* const standing = std::get_if<Standing>(&*found);
  return standing != nullptr ? std::optional(*standing) : std::nullopt;
}

enum class Place { kEmbedded, kRedis };

class Stores : public testing::TestWithParam<Place> {
 protected:
  void SetUp() override {
    if (GetParam() == Place::kRedis) {
      if (!RedisServer::is_installed()) GTEST_SKIP() << "there is no redis-server here (scripts/test installs it)";
      server_ = std::make_unique<RedisServer>();
    }
    store_ = make();
  }
  std::unique_ptr<UsageStore> make() {
    if (GetParam() == Place::kEmbedded) {
      return std::make_unique<EmbeddedStore>(EmbeddedStoreOptions{"", &clock_, nullptr, &metrics_, 0ms});
    }
    auto store = std::make_unique<RedisStore>(RedisStoreOptions{server_->settings(), &clock_, nullptr, &metrics_});
    wait_until([&] { return store->is_up(); });
    return store;
  }
  std::optional<Standing> check(std::uint8_t who, std::uint64_t deployment, const Limits& limits) {
    return ask(*store_, {{caller(who), deployment}, limits, clock_.now()});
  }
  bool is_allowed(std::uint8_t who, std::uint64_t deployment, const Limits& limits) {
    const auto standing = check(who, deployment, limits);
    return standing && !standing->reached;
  }
  void report(std::uint8_t who, std::uint64_t deployment, std::uint64_t tokens, std::uint64_t nanodollars,
              const std::string& key = {}, Recorded expected = Recorded::kCounted) {
    const auto recorded = store_->record({{caller(who), deployment}, tokens, nanodollars, key, clock_.now()});
    ASSERT_TRUE(recorded) << recorded.error().text;
    EXPECT_EQ(*recorded, expected);
  }
  static Limits limit(Window window, std::int64_t most) {
    Limits limits;
    limits.of(window) = most;
    return limits;
  }

  test::ManualClock clock_;
  observe::Metrics metrics_;
  std::unique_ptr<RedisServer> server_;
  std::unique_ptr<UsageStore> store_;
};

TEST_P(Stores, every_window_lets_in_again_at_its_edge_and_not_before) {
  for (const WindowShape& shape : kWindows) {
    SCOPED_TRACE(shape.name);
    // In the middle of a bucket, so that its edge and the window's are told apart.
    const std::int64_t into = clock_.now() % shape.bucket_seconds;
    clock_.advance(std::chrono::seconds(shape.bucket_seconds - into + shape.bucket_seconds / 2));
    const auto who = static_cast<std::uint8_t>(shape.window);
    const std::int64_t start = clock_.now();
    const Limits limits = limit(shape.window, 1);
    if (shape.quantity == Quantity::kRequests) {
      EXPECT_TRUE(is_allowed(who, 7, limits));
    }
    if (shape.quantity == Quantity::kTokens) report(who, 7, 1, 0);
    if (shape.quantity == Quantity::kCost) report(who, 7, 0, 1);
    const auto refused = check(who, 7, limits);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->reached, shape.window);
    EXPECT_EQ(refused->retry_after.count(), shape.end_of(start) - start);
    clock_.advance(refused->retry_after - 1s);
    EXPECT_FALSE(is_allowed(who, 7, limits));
    clock_.advance(1s);
    EXPECT_TRUE(is_allowed(who, 7, limits));
  }
}

TEST_P(Stores, all_limits_hold_at_once_and_a_refusal_counts_for_nothing) {
  Limits limits = limit(Window::kRequestsHour, 3);
  limits.of(Window::kTokensMinute) = 10;
  EXPECT_TRUE(is_allowed(1, 7, limits));
  report(1, 7, 10, 0);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(is_allowed(1, 7, limits));
  clock_.advance(60s);
  const auto standing = check(1, 7, limits);
  ASSERT_TRUE(standing);
  EXPECT_FALSE(standing->reached);
  EXPECT_EQ(standing->limited()[1].used, 2);
  EXPECT_TRUE(is_allowed(1, 7, limits));
  EXPECT_EQ(check(1, 7, limits)->reached, Window::kRequestsHour);
}

TEST_P(Stores, callers_and_deployments_count_apart_and_cost_together) {
  const Limits requests = limit(Window::kRequestsHour, 1);
  EXPECT_TRUE(is_allowed(1, 7, requests));
  EXPECT_TRUE(is_allowed(1, 8, requests));
  EXPECT_TRUE(is_allowed(2, 7, requests));
  EXPECT_FALSE(is_allowed(1, 7, requests));
  const Limits cost = limit(Window::kCostDay, 1000);
  report(1, 7, 0, 600);
  report(1, 8, 0, 400);
  EXPECT_FALSE(is_allowed(1, 9, cost));
  EXPECT_TRUE(is_allowed(2, 9, cost));
}

TEST_P(Stores, a_report_is_counted_once_for_each_key_and_caller) {
  const Limits limits = limit(Window::kTokensDay, 100);
  report(1, 7, 40, 0, "r-1");
  report(1, 7, 40, 0, "r-1", Recorded::kRepeated);
  report(2, 7, 40, 0, "r-1");
  EXPECT_EQ(check(1, 7, limits)->limited()[0].used, 40);
  report(1, 7, 40, 0, "r-2");
  report(1, 7, 20, 0);
  EXPECT_FALSE(is_allowed(1, 7, limits));
}

TEST_P(Stores, used_and_left_are_exact_over_many_random_uses) {
  std::mt19937_64 random(3);
  Limits limits;
  for (const WindowShape& shape : kWindows) limits.of(shape.window) = 1'000'000'000;
  std::vector<UsageEntry> usage, cost;
  for (int i = 0; i < 300; ++i) {
    constexpr std::int64_t kPauses[] = {0, 1, 7, 90, 4000, 100'000};
    clock_.advance(std::chrono::seconds(random() % static_cast<std::uint64_t>(kPauses[random() % 6] + 1)));
    const auto second = static_cast<std::uint32_t>(clock_.now());
    const std::uint64_t tokens = random() % 500, spent = random() % 5000;
    report(1, 7, tokens, spent);
    usage.push_back({second, 1, tokens});
    cost.push_back({second, 0, spent});
    const auto standing = check(1, 7, limits);
    ASSERT_TRUE(standing);
    for (const WindowStanding& window : standing->limited()) {
      const WindowShape& shape = shape_of(window.window);
      ASSERT_EQ(window.used, used_in(shape, shape.quantity == Quantity::kCost ? cost : usage, clock_.now()))
          << shape.name << " at use " << i;
    }
  }
}

TEST_P(Stores, lists_what_callers_used_with_the_limits_they_had) {
  const Limits limits = limit(Window::kRequestsHour, 5);
  for (std::uint8_t who = 1; who <= 5; ++who) EXPECT_TRUE(is_allowed(who, 7, limits));
  report(3, 7, 11, 0);
  report(3, 7, 0, 22);
  PageWish wish;
  wish.max_callers = 2;
  std::vector<CallerId> seen;
  for (bool has_more = true; has_more;) {
    const auto page = store_->list(wish);
    ASSERT_TRUE(page) << page.error().text;
    for (const CallerUsage& usage : page->callers) seen.push_back(usage.caller);
    has_more = page->has_more;
    wish.after = seen.back();
  }
  EXPECT_EQ(seen, (std::vector{caller(1), caller(2), caller(3), caller(4), caller(5)}));
  const auto page = store_->list({caller(3), {}, 10});
  ASSERT_TRUE(page);
  ASSERT_EQ(page->callers.size(), 1U);
  for (const auto& counter : page->callers[0].counters) {
    const bool is_cost = counter.deployment == kCostOfCaller;
    EXPECT_EQ(used_in(shape_of(is_cost ? Window::kCostDay : Window::kTokensDay), counter.entries, clock_.now()),
              is_cost ? 22 : 11);
    if (!is_cost) {
      EXPECT_EQ(counter.limits, limits);
    }
  }
  EXPECT_EQ(page->callers[0].counters.size(), 2U);
}

TEST_P(Stores, many_at_once_never_get_more_than_the_limit) {
  std::atomic<int> allowed{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) allowed += is_allowed(1, 7, limit(Window::kRequestsDay, 60)) ? 1 : 0;
    });
  }
  threads.clear();
  EXPECT_EQ(allowed, 60);
}

INSTANTIATE_TEST_SUITE_P(Place, Stores, testing::Values(Place::kEmbedded, Place::kRedis), [](const auto& param) {
  return std::string(param.param == Place::kEmbedded ? "embedded" : "redis");
});

class SharedRedis : public testing::Test {
 protected:
  void SetUp() override {
    if (!RedisServer::is_installed()) GTEST_SKIP() << "there is no redis-server here (scripts/test installs it)";
    server_ = std::make_unique<RedisServer>();
  }
  std::unique_ptr<RedisStore> open(bool refuses = false, std::chrono::milliseconds deadline = 2000ms,
                                   unsigned connections = settings::Redis().connections, observe::Log* log = nullptr) {
    settings::Redis redis = server_->settings();
    redis.refuses_on_failure = refuses;
    redis.deadline = deadline;
    redis.connections = connections;
    auto store = std::make_unique<RedisStore>(RedisStoreOptions{redis, &clock_, log, &metrics_});
    wait_until([&] { return store->is_up(); });
    return store;
  }
  LimitQuestion question(std::int64_t most) {
    LimitQuestion made{{caller(1), 7}, {}, clock_.now()};
    made.limits.of(Window::kRequestsDay) = most;
    return made;
  }
  bool is_allowed(UsageStore& store, std::int64_t most) {
    const auto standing = ask(store, question(most));
    return standing && !standing->reached;
  }

  test::ManualClock clock_;
  observe::Metrics metrics_;
  std::unique_ptr<RedisServer> server_;
};

TEST_F(SharedRedis, two_daemons_together_never_let_in_more_than_the_limit) {
  const auto one = open();
  const auto other = open();
  std::atomic<int> allowed{0};
  std::vector<std::jthread> threads;
  for (RedisStore* const store : {one.get(), other.get(), one.get(), other.get()}) {
    threads.emplace_back([&, store] {
      for (int round = 0; round < 100; ++round) allowed += is_allowed(*store, 150) ? 1 : 0;
    });
  }
  threads.clear();
  EXPECT_EQ(allowed, 150);
  EXPECT_FALSE(is_allowed(*one, 150));
}

TEST_F(SharedRedis, when_it_is_gone_a_daemon_goes_on_alone_from_the_last_counts_and_says_so) {
  const auto store = open();
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(is_allowed(*store, 10));
  server_->kill();
  int allowed = 0;
  for (int i = 0; i < 20; ++i) allowed += is_allowed(*store, 10) ? 1 : 0;
  EXPECT_EQ(allowed, 4);
  EXPECT_THAT(store->fault(), testing::HasSubstr("this daemon counts alone"));
  EXPECT_NE(metrics_.expose().find("\nbearerd_state_degraded 1\n"), std::string::npos);
}

TEST_F(SharedRedis, when_it_is_back_it_learns_what_was_counted_without_it) {
  const auto store = open();
  server_->kill();
  // Somebody has to notice: a request of another caller, which Redis may have counted, or which is owed to it.
  LimitQuestion noticing = question(10);
  noticing.key.caller = caller(2);
  EXPECT_TRUE(ask(*store, noticing));
  wait_until([&] { return !store->is_up(); });
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(is_allowed(*store, 10));
  ASSERT_TRUE(store->record({{caller(1), 7}, 5, 0, "r-1", clock_.now()}));
  server_->start();
  wait_until([&] { return store->is_up(); });
  EXPECT_EQ(store->fault(), "");
  EXPECT_EQ(store->record({{caller(1), 7}, 5, 0, "r-1", clock_.now()}), Recorded::kRepeated);
  LimitQuestion wanted = question(10);
  wanted.limits.of(Window::kTokensDay) = 100;
  const auto standing = ask(*open(), wanted);
  ASSERT_TRUE(standing);
  EXPECT_EQ(standing->limited()[0].used, 5);
  // The three that were owed, and this one.
  EXPECT_EQ(standing->limited()[1].used, 4);
}

TEST_F(SharedRedis, when_it_is_gone_and_the_settings_say_so_what_has_to_be_counted_is_refused) {
  const auto store = open(true);
  server_->kill();
  EXPECT_FALSE(ask(*store, question(10)));
  wait_until([&] { return !store->is_up(); });
  EXPECT_FALSE(ask(*store, question(10)));
  const auto recorded = store->record({{caller(1), 7}, 5, 0, "", clock_.now()});
  ASSERT_FALSE(recorded);
  EXPECT_EQ(recorded.error().code, base::ErrorCode::kUnavailable);
  EXPECT_THAT(store->fault(), testing::HasSubstr("is refused"));
}

TEST_F(SharedRedis, one_that_hangs_is_given_up_at_the_deadline) {
  const auto store = open(false, 50ms);
  server_->freeze();
  const auto standing = ask(*store, question(10));
  ASSERT_TRUE(standing);
  EXPECT_FALSE(standing->reached);
  EXPECT_FALSE(store->is_up());
  // From now on nobody waits.
  const std::function<void()> resume = [] {};
  EXPECT_TRUE(std::holds_alternative<Standing>(store->check(question(10), &resume)));
  server_->thaw();
  wait_until([&] { return store->is_up(); });
}

TEST_F(SharedRedis, what_it_is_too_late_for_is_let_in_by_own_counts_and_told_to_it_later) {
  const auto store = open(false, 20s);
  EXPECT_TRUE(is_allowed(*store, 5));
  server_->freeze();
  const std::function<void()> resume = [] {};
  std::vector<std::shared_ptr<PendingStanding>> waiting;
  for (int i = 0; i < 8; ++i) {
    waiting.push_back(std::get<std::shared_ptr<PendingStanding>>(store->check(question(5), &resume)));
  }
  int allowed = 0;
  for (const auto& pending : waiting) {
    const auto given = pending->give_up();
    allowed += std::get<Standing>(given).reached ? 0 : 1;
  }
  EXPECT_EQ(allowed, 4);
  server_->thaw();
  // Those under way and those that never were: Redis learns of each once.
  LimitQuestion look = question(100);
  look.counts = false;
  const auto other = open();
  const auto used = [&] { return ask(*other, look)->limited()[0].used; };
  wait_until([&] { return used() == 5; });
  EXPECT_FALSE(is_allowed(*store, 5));
  EXPECT_EQ(used(), 5);
  EXPECT_TRUE(store->is_up());
  EXPECT_THAT(store->fault(), testing::HasSubstr("answers later than state.redis.deadlineMs"));
  clock_.advance(11s);
  wait_until([&] { return store->fault().empty(); });
}

TEST_F(SharedRedis, of_what_it_was_too_late_for_and_never_answered_it_is_told_what_was_let_in) {
  const auto store = open(false, 20s, 1);
  ASSERT_TRUE(is_allowed(*store, 5));
  server_->freeze();
  const std::function<void()> resume = [] {};
  std::vector<std::shared_ptr<PendingStanding>> waiting;
  for (int i = 0; i < 8; ++i) {
    waiting.push_back(std::get<std::shared_ptr<PendingStanding>>(store->check(question(5), &resume)));
  }
  std::this_thread::sleep_for(100ms);  // shorter would do as well, and show less
  int allowed = 0;
  // The first one is under way, and refused: nothing is left when its turn comes.
  for (const auto& pending : waiting | std::views::reverse)
    allowed += std::get<Standing>(pending->give_up()).reached ? 0 : 1;
  EXPECT_EQ(allowed, 4);
  server_->kill();
  wait_until([&] { return !store->is_up(); });
  server_->start();  // empty
  wait_until([&] { return store->is_up(); });
  LimitQuestion look = question(100);
  look.counts = false;
  EXPECT_EQ(ask(*open(), look)->limited()[0].used, 4);
}

// What threads ask as long as they may, and what they got. Thread i asks daemon i % 2.
struct Load {
  enum class Phase : std::uint8_t { kBefore, kGone, kBack, kOver };
  static constexpr int kAskedBefore = 40;
  std::atomic<Phase> phase{Phase::kBefore};
  std::atomic<int> asked_before{0}, unanswered{0};
  std::array<std::atomic<int>, 2> allowed{}, allowed_while_gone{};
  std::array<std::atomic<bool>, 4> is_refused_while_gone{};

  void note(std::size_t thread, const std::optional<Standing>& standing, Phase began) {
    if (!standing) return static_cast<void>(++unanswered);
    const bool is_gone = began == Phase::kGone && phase == Phase::kGone;
    if (standing->reached) {
      if (is_gone) is_refused_while_gone[thread] = true;
      return;
    }
    ++allowed[thread % 2];
    if (is_gone) ++allowed_while_gone[thread % 2];
  }
};

TEST_F(SharedRedis, killed_and_started_again_under_load_the_bounds_hold_and_everybody_is_answered) {
  constexpr int kLimit = 60;
  const std::array stores = {open(false, 20s, 1), open(false, 20s, 1)};
  Load load;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (auto began = load.phase.load(); began != Load::Phase::kOver; began = load.phase.load()) {
        // Room is left for what is let in without Redis.
        if (began == Load::Phase::kBefore && load.asked_before++ >= Load::kAskedBefore) {
          std::this_thread::yield();
          continue;
        }
        load.note(i, ask(*stores[i % 2], question(kLimit)), began);
      }
    });
  }
  wait_until([&] { return load.allowed[0] + load.allowed[1] >= Load::kAskedBefore / 2; });
  EXPECT_LE(load.allowed[0] + load.allowed[1], kLimit);
  server_->kill();
  load.phase = Load::Phase::kGone;
  // A thread that is refused has noted all that it was let in with before.
  wait_until([&] { return std::ranges::all_of(load.is_refused_while_gone, [](const auto& is) { return is.load(); }); });
  int alone = 0;
  for (const std::size_t daemon : {0U, 1U}) {
    EXPECT_LE(load.allowed[daemon], kLimit);
    // It knew of no more than were asked.
    EXPECT_GE(load.allowed_while_gone[daemon], kLimit - Load::kAskedBefore);
    alone += load.allowed_while_gone[daemon];
  }
  const int until_back = load.allowed[0] + load.allowed[1];
  load.phase = Load::Phase::kBack;
  server_->start();
  wait_until([&] { return stores[0]->is_up() && stores[1]->is_up(); });
  LimitQuestion look = question(1000);
  look.counts = false;
  const auto used = [&](UsageStore& store) { return ask(store, look)->limited()[0].used; };
  EXPECT_GE(used(*stores[0]), alone);
  wait_until([&] { return used(*stores[0]) >= kLimit; });
  load.phase = Load::Phase::kOver;
  threads.clear();
  EXPECT_EQ(load.unanswered, 0);
  // Its windows began anew, so together they get the limit once more at most.
  EXPECT_LE(load.allowed[0] + load.allowed[1] - until_back, kLimit);
  EXPECT_EQ(used(*stores[0]), used(*stores[1]));
  for (const auto& store : stores) {
    EXPECT_FALSE(is_allowed(*store, kLimit));
    EXPECT_EQ(store->fault(), "");
  }
}

// What is put in the place of a caller's counters.
struct Damage {
  const char* name;
  std::vector<std::string> (*command)(const std::string& key);
};
const Damage kDamages[] = {
    {"another_type", [](const std::string& key) { return std::vector<std::string>{"SET", key, "x"}; }},
    {"odd_length", [](const std::string& key) { return std::vector<std::string>{"HSET", key, "7", "odd"}; }},
    {"odd_length_of_cost", [](const std::string& key) { return std::vector<std::string>{"HSET", key, "0", "odd"}; }},
    {"not_ascending",
     [](const std::string& key) { return std::vector<std::string>{"HSET", key, "7", std::string(32, '\x01')}; }},
};

class DamagedCounter : public SharedRedis, public testing::WithParamInterface<Damage> {
 protected:
  // What the log got, once all of it is written.
  static std::string lines_of(observe::Log& log, std::FILE* file) {
    log.flush();
    std::string text(65536, '\0');
    std::rewind(file);
    text.resize(std::fread(text.data(), 1, text.size(), file));
    return text;
  }
};

TEST_P(DamagedCounter, concerns_its_caller_alone_who_counts_afresh) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), &std::fclose);
  observe::Log::Options options;
  options.fd = ::fileno(file.get());
  options.clock = &clock_;
  observe::Log log(options);
  const auto store = open(false, 20s, 1, &log);
  const auto used = [&](std::uint8_t who, std::uint64_t deployment) {
    LimitQuestion look = question(1000);
    look.key = {caller(who), deployment};
    look.counts = false;
    return ask(*store, look)->limited()[0].used;
  };
  LimitQuestion other = question(10);
  other.key.caller = caller(2);
  EXPECT_TRUE(ask(*store, other));
  const std::string key = "bearerd:usage:{" + to_text(caller(1)) + "}";
  server_->command(GetParam().command(key));
  const auto page = store->list({});
  ASSERT_TRUE(page) << page.error().text;
  EXPECT_TRUE(std::ranges::any_of(page->callers, [](const CallerUsage& each) { return each.caller == caller(2); }));
  // Both wait while it hears nothing, so that they go in as few round trips as can be.
  server_->freeze();
  std::vector<std::shared_ptr<PendingStanding>> waiting;
  const std::function<void()> resume = [] {};
  for (const LimitQuestion& asked : {other, question(10), other, question(10), other}) {
    waiting.push_back(std::get<std::shared_ptr<PendingStanding>>(store->check(asked, &resume)));
  }
  server_->thaw();
  for (const auto& pending : waiting) {
    wait_until([&] { return pending->find().has_value(); });
    EXPECT_FALSE(std::get<Standing>(*pending->find()).reached);
  }
  EXPECT_TRUE(store->is_up());
  EXPECT_EQ(store->fault(), "");
  EXPECT_EQ(used(1, 7), 2);
  EXPECT_EQ(used(2, 7), 4);
  const std::string lines = lines_of(log, file.get());
  const auto first = lines.find("counter_damaged");
  ASSERT_NE(first, std::string::npos) << lines;
  EXPECT_EQ(lines.find("counter_damaged", first + 1), std::string::npos) << lines;
  EXPECT_EQ(lines.find("state_unavailable"), std::string::npos) << lines;
}

TEST_P(DamagedCounter, is_removed_before_a_report_which_is_counted_once) {
  const auto store = open();
  server_->command(GetParam().command("bearerd:usage:{" + to_text(caller(1)) + "}"));
  const UsageReport report{{caller(1), 7}, 5, 3, "r-1", clock_.now()};
  EXPECT_EQ(store->record(report), Recorded::kCounted);
  EXPECT_EQ(store->record(report), Recorded::kRepeated);
  EXPECT_TRUE(store->is_up());
}

INSTANTIATE_TEST_SUITE_P(Kind, DamagedCounter, testing::ValuesIn(kDamages),
                         [](const auto& param) { return std::string(param.param.name); });

// What concerns everybody is no damage.
TEST_F(SharedRedis, one_that_is_full_counts_as_gone) {
  const auto store = open();
  server_->command({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_TRUE(is_allowed(*store, 1));
  EXPECT_FALSE(is_allowed(*store, 1));
  EXPECT_THAT(store->fault(), testing::HasSubstr("OOM"));
}

}  // namespace
}  // namespace bearerd::state
