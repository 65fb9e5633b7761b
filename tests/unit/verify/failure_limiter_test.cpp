#include "verify/failure_limiter.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace bearerd::verify {
namespace {

constexpr base::SteadyTime kNow{std::chrono::hours(1)};
constexpr unsigned kDear = 50;

// How many failed tries are let through.
int tries(FailureLimiter& limiter, std::uint64_t key, const std::function<std::uint64_t(int)>& source, unsigned cost) {
  int made = 0;
  for (int i = 0; i < 2000; ++i) {
    if (!limiter.allows(key, source(i), cost, kNow)) continue;
    limiter.charge(key, source(i), cost, kNow);
    ++made;
  }
  return made;
}

TEST(FailureLimiter, one_source_gets_its_own_budget_and_no_more) {
  FailureLimiter limiter;
  EXPECT_EQ(tries(limiter, 1, [](int) { return 5; }, kDear), 20);
  EXPECT_TRUE(limiter.allows(1, 6, kDear, kNow));
  EXPECT_TRUE(limiter.allows(1, 5, kDear, kNow + std::chrono::seconds(1)));
}

TEST(FailureLimiter, changing_sources_does_not_go_round_the_budget_of_the_key) {
  FailureLimiter limiter;
  EXPECT_EQ(tries(limiter, 1, [](int i) { return static_cast<std::uint64_t>(i) + 1; }, kDear), 200);
  EXPECT_TRUE(limiter.allows(2, 1, kDear, kNow)) << "another key is not concerned";
}

TEST(FailureLimiter, without_a_source_only_the_budget_of_the_key_holds) {
  FailureLimiter limiter;
  EXPECT_EQ(tries(limiter, 1, [](int) { return 0; }, kDear), 200);
}

TEST(FailureLimiter, cheap_algorithms_are_not_limited) {
  FailureLimiter limiter;
  EXPECT_EQ(tries(limiter, 1, [](int) { return 5; }, 1), 2000);
}

}  // namespace
}  // namespace bearerd::verify
