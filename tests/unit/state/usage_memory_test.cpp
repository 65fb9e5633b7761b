#include "state/usage_memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "state/recent_keys.hpp"

namespace bearerd::state {
namespace {

constexpr std::int64_t kStart = 1'767'225'600;

CallerId caller(std::uint8_t first, std::uint8_t second = 0) {
  CallerId id;
  id.bytes[0] = first;
  id.bytes[1] = second;
  return id;
}

LimitQuestion question(const CallerId& id, std::uint64_t deployment, std::int64_t requests_an_hour) {
  Limits limits;
  limits.of(Window::kRequestsHour) = requests_an_hour;
  return {{id, deployment}, limits, kStart};
}

TEST(UsageMemory, many_threads_never_get_more_than_the_limit) {
  UsageMemory memory;
  std::atomic<int> allowed{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 1000; ++round) {
        if (!memory.check(question(caller(1), 7, 100)).reached) ++allowed;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(allowed, 100);
}

TEST(UsageMemory, gives_each_change_once_and_again_when_given_back) {
  UsageMemory memory;
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(memory.check(question(caller(1), 7, 100)).reached);
  EXPECT_FALSE(memory.check(question(caller(2), 7, 100)).reached);
  const auto rows = memory.take_changed(100);
  EXPECT_EQ(rows.size(), 2U);
  EXPECT_TRUE(memory.take_changed(100).empty());
  memory.give_back(rows);
  EXPECT_EQ(memory.take_changed(100).size(), 2U);
  memory.mark_all_changed();
  EXPECT_EQ(memory.take_changed(100).size(), 2U);
}

TEST(UsageMemory, takes_a_share_of_many_changes) {
  UsageMemory memory;
  for (int i = 0; i < 500; ++i) {
    EXPECT_FALSE(memory
                     .check(question(caller(9, static_cast<std::uint8_t>(i % 250)),
                                     static_cast<std::uint64_t>(7 + i / 250), 100))
                     .reached);
  }
  std::size_t total = 0;
  for (auto rows = memory.take_changed(100); !rows.empty(); rows = memory.take_changed(100)) {
    EXPECT_LE(rows.size(), 116U);
    total += rows.size();
  }
  EXPECT_EQ(total, 500U);
}

TEST(UsageMemory, what_was_kept_before_is_added_to_what_was_counted_since) {
  UsageMemory memory;
  EXPECT_FALSE(memory.check(question(caller(1), 7, 100)).reached);
  memory.restore({{caller(1), 7}, {{kStart - 10, 5, 0}, {kStart, 2, 0}}}, kStart);
  EXPECT_EQ(memory.check(question(caller(1), 7, 100)).limited()[0].used, 9);
}

TEST(UsageMemory, forgets_what_no_window_holds) {
  UsageMemory memory;
  EXPECT_FALSE(memory.check(question(caller(1), 7, 100)).reached);
  EXPECT_EQ(memory.counters(), 1U);
  memory.sweep(kStart + 30 * kDay - 1);
  EXPECT_EQ(memory.counters(), 1U);
  memory.sweep(kStart + 30 * kDay);
  EXPECT_EQ(memory.counters(), 0U);
  EXPECT_TRUE(memory.list({}).callers.empty());
}

TEST(UsageMemory, lists_all_callers_in_pages) {
  UsageMemory memory;
  for (int i = 0; i < 600; ++i) {
    EXPECT_FALSE(
        memory.check(question(caller(static_cast<std::uint8_t>(i % 100), static_cast<std::uint8_t>(i / 100)), 7, 100))
            .reached);
  }
  std::vector<CallerId> seen;
  PageWish wish;
  wish.max_callers = 70;
  for (bool has_more = true; has_more;) {
    const UsagePage page = memory.list(wish);
    EXPECT_LE(page.callers.size(), 70U);
    for (const CallerUsage& usage : page.callers) seen.push_back(usage.caller);
    has_more = page.has_more;
    wish.after = seen.back();
  }
  EXPECT_EQ(seen.size(), 600U);
  EXPECT_TRUE(std::ranges::is_sorted(seen));
  EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
  const UsagePage one = memory.list({caller(5, 2), {}, 10});
  ASSERT_EQ(one.callers.size(), 1U);
  EXPECT_EQ(one.callers[0].caller, caller(5, 2));
  EXPECT_EQ(one.callers[0].counters[0].limits->of(Window::kRequestsHour), 100);
}

TEST(RecentKeys, admit_a_key_once_an_hour_for_each_caller) {
  RecentKeys recent;
  EXPECT_TRUE(recent.admit(caller(1), "report-1", kStart));
  EXPECT_FALSE(recent.admit(caller(1), "report-1", kStart + 1));
  EXPECT_TRUE(recent.admit(caller(1), "report-2", kStart));
  EXPECT_TRUE(recent.admit(caller(2), "report-1", kStart));
  EXPECT_FALSE(recent.admit(caller(1), "report-1", kStart + kRememberedSeconds - 1));
  EXPECT_TRUE(recent.admit(caller(1), "report-1", kStart + kRememberedSeconds));
}

TEST(RecentKeys, forget_the_oldest_when_there_are_too_many) {
  RecentKeys recent;
  for (std::size_t i = 0; i <= RecentKeys::kMaxKeys; ++i) {
    ASSERT_TRUE(recent.admit(caller(1), std::to_string(i), kStart));
  }
  EXPECT_FALSE(recent.admit(caller(1), "1", kStart));
  EXPECT_TRUE(recent.admit(caller(1), "0", kStart));
}

}  // namespace
}  // namespace bearerd::state
