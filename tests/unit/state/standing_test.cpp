#include "state/standing.hpp"

#include <gtest/gtest.h>

#include <random>

namespace bearerd::state {
namespace {

constexpr std::int64_t kStart = 1'767'225'600;

Limits limits_with(Window window, std::int64_t limit) {
  Limits limits;
  limits.of(window) = limit;
  return limits;
}

UsageEntry use(std::int64_t second, std::uint32_t requests, std::uint64_t amount) {
  return {static_cast<std::uint32_t>(second), requests, amount};
}

TEST(Standing, without_limits_lists_nothing_and_reaches_nothing) {
  const std::vector<UsageEntry> much{use(kStart, 1'000'000, 1'000'000'000)};
  const Standing standing = stand(much, much, Limits(), kStart);
  EXPECT_FALSE(standing.reached);
  EXPECT_TRUE(standing.limited().empty());
}

TEST(Standing, is_reached_by_a_sum_that_equals_the_limit) {
  const std::vector<UsageEntry> usage{use(kStart, 0, 99)};
  EXPECT_FALSE(stand(usage, {}, limits_with(Window::kTokensMinute, 100), kStart).reached);
  const Standing standing = stand(usage, {}, limits_with(Window::kTokensMinute, 99), kStart);
  EXPECT_EQ(standing.reached, Window::kTokensMinute);
  EXPECT_EQ(standing.retry_after.count(), 60);
  EXPECT_EQ(standing.limited()[0].left(), 0);
}

TEST(Standing, cost_is_looked_up_in_what_the_caller_spent) {
  const std::vector<UsageEntry> usage{use(kStart, 1, 1000)};
  const std::vector<UsageEntry> cost{use(kStart, 0, 5)};
  EXPECT_FALSE(stand(usage, cost, limits_with(Window::kCostDay, 6), kStart).reached);
  EXPECT_EQ(stand(usage, cost, limits_with(Window::kCostDay, 5), kStart).reached, Window::kCostDay);
}

TEST(Standing, names_the_window_that_holds_longest) {
  const std::vector<UsageEntry> usage{use(kStart, 1, 50)};
  Limits limits = limits_with(Window::kTokensMinute, 10);
  limits.of(Window::kTokensWeek) = 50;
  limits.of(Window::kRequestsHour) = 1;
  const Standing standing = stand(usage, {}, limits, kStart + 5);
  EXPECT_EQ(standing.reached, Window::kTokensWeek);
  EXPECT_EQ(standing.retry_after.count(), 7 * kDay - 5);
  EXPECT_EQ(standing.limited().size(), 3U);
}

TEST(Standing, waits_for_as_many_buckets_as_must_leave) {
  const std::vector<UsageEntry> usage{use(kStart, 0, 10), use(kStart + 20, 0, 10), use(kStart + 30, 0, 10)};
  const auto wait = [&](std::int64_t limit) {
    return stand(usage, {}, limits_with(Window::kTokensMinute, limit), kStart + 30).retry_after.count();
  };
  EXPECT_EQ(wait(30), 30);
  EXPECT_EQ(wait(21), 30);
  EXPECT_EQ(wait(20), 50);
  EXPECT_EQ(wait(10), 60);
  EXPECT_EQ(wait(1), 60);
}

TEST(Standing, of_what_is_not_reached_tells_when_more_is_left) {
  const std::vector<UsageEntry> usage{use(kStart, 0, 10), use(kStart + 20, 0, 10)};
  const Standing standing = stand(usage, {}, limits_with(Window::kTokensMinute, 100), kStart + 30);
  EXPECT_EQ(standing.limited()[0].left(), 80);
  EXPECT_EQ(standing.limited()[0].seconds_to_more, 30);
  EXPECT_EQ(stand({}, {}, limits_with(Window::kTokensMinute, 100), kStart).limited()[0].seconds_to_more, 0);
}

TEST(Standing, a_counted_request_is_in_the_request_windows_alone) {
  Limits limits = limits_with(Window::kRequestsDay, 3);
  limits.of(Window::kTokensDay) = 3;
  Standing standing = stand({}, {}, limits, kStart);
  count_request(standing, kStart);
  EXPECT_EQ(standing.limited()[0].used, 0);
  EXPECT_EQ(standing.limited()[1].used, 1);
  EXPECT_EQ(standing.limited()[1].seconds_to_more, kDay);
}

TEST(Standing, retry_after_is_the_first_second_that_is_let_in) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 500; ++round) {
    std::vector<UsageEntry> usage;
    std::int64_t now = kStart;
    for (int i = 0; i < 30; ++i) {
      now += 1 + static_cast<std::int64_t>(random() % (round % 2 == 0 ? 5 : 50'000));
      usage.push_back(use(now, static_cast<std::uint32_t>(random() % 4), random() % 100));
    }
    Limits limits;
    for (const WindowShape& shape : kWindows) limits.of(shape.window) = 1 + static_cast<std::int64_t>(random() % 300);
    const Standing standing = stand(usage, usage, limits, now);
    if (!standing.reached) continue;
    const std::int64_t wait = standing.retry_after.count();
    ASSERT_GE(wait, 1);
    EXPECT_FALSE(stand(usage, usage, limits, now + wait).reached);
    EXPECT_TRUE(stand(usage, usage, limits, now + wait - 1).reached);
  }
}

TEST(Limits, of_zero_or_less_in_any_window_forbid) {
  EXPECT_FALSE(Limits().forbids());
  for (const WindowShape& shape : kWindows) {
    EXPECT_FALSE(limits_with(shape.window, 1).forbids());
    EXPECT_TRUE(limits_with(shape.window, 0).forbids());
    EXPECT_TRUE(limits_with(shape.window, -5).forbids());
  }
}

}  // namespace
}  // namespace bearerd::state
