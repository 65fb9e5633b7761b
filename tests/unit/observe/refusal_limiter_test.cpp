#include "observe/refusal_limiter.hpp"

#include <gtest/gtest.h>

namespace bearerd::observe {
namespace {

using namespace std::chrono_literals;
using base::Reason;

const base::SteadyTime kStart{1h};

TEST(RefusalLimiter, admits_so_many_of_a_kind_in_a_second) {
  RefusalLimiter limiter;
  EXPECT_EQ(limiter.admit("a", Reason::kExpired, kStart, 2), 0U);
  EXPECT_EQ(limiter.admit("a", Reason::kExpired, kStart, 2), 0U);
  EXPECT_EQ(limiter.admit("a", Reason::kExpired, kStart + 999ms, 2), std::nullopt);
}

TEST(RefusalLimiter, says_how_many_were_left_out_once) {
  RefusalLimiter limiter;
  static_cast<void>(limiter.admit("a", Reason::kExpired, kStart, 1));
  for (int i = 0; i < 5; ++i) static_cast<void>(limiter.admit("a", Reason::kExpired, kStart, 1));
  EXPECT_EQ(limiter.admit("a", Reason::kExpired, kStart + 1s, 1), 5U);
  EXPECT_EQ(limiter.admit("a", Reason::kExpired, kStart + 2s, 1), 0U);
}

TEST(RefusalLimiter, what_was_left_out_at_the_end_of_a_storm_is_told_when_its_second_is_over) {
  RefusalLimiter limiter;
  for (int i = 0; i < 6; ++i) static_cast<void>(limiter.admit("a", Reason::kExpired, kStart, 1));
  EXPECT_TRUE(limiter.take_omitted(kStart + 999ms).empty());
  const auto taken = limiter.take_omitted(kStart + 1s);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].first, (RefusalLimiter::Kind{"a", Reason::kExpired}));
  EXPECT_EQ(taken[0].second, 5U);
  EXPECT_TRUE(limiter.take_omitted(kStart + 2s).empty());
  EXPECT_EQ(limiter.admit("a", Reason::kExpired, kStart + 2s, 1), 0U) << "told already";
}

TEST(RefusalLimiter, keeps_providers_and_reasons_apart) {
  RefusalLimiter limiter;
  EXPECT_TRUE(limiter.admit("a", Reason::kExpired, kStart, 1));
  EXPECT_TRUE(limiter.admit("b", Reason::kExpired, kStart, 1));
  EXPECT_TRUE(limiter.admit("a", Reason::kBadSignature, kStart, 1));
  EXPECT_FALSE(limiter.admit("a", Reason::kExpired, kStart, 1));
}

TEST(RefusalLimiter, zero_a_second_admits_none) {
  RefusalLimiter limiter;
  EXPECT_FALSE(limiter.admit("a", Reason::kExpired, kStart, 0));
  EXPECT_FALSE(limiter.admit("a", Reason::kExpired, kStart + 5s, 0));
}

}  // namespace
}  // namespace bearerd::observe
