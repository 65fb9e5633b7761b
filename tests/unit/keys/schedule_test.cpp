#include "keys/schedule.hpp"

#include <gtest/gtest.h>

namespace bearerd::keys {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

KeySourceSettings with_ttl(std::chrono::milliseconds ttl) {
  KeySourceSettings settings;
  settings.positive_ttl = ttl;
  return settings;
}

TEST(Schedule, answer_s_freshness_counts_within_bounds) {
  EXPECT_EQ(lifetime_of(minutes{7}, with_ttl(minutes{10})), minutes{7});
  EXPECT_EQ(lifetime_of(hours{24}, with_ttl(minutes{10})), minutes{10});
  EXPECT_EQ(lifetime_of(seconds{1}, with_ttl(minutes{10})), minutes{5});
  EXPECT_EQ(lifetime_of(seconds{0}, with_ttl(minutes{10})), minutes{5});
  EXPECT_EQ(lifetime_of(seconds{-1}, with_ttl(minutes{10})), minutes{10});
  EXPECT_EQ(lifetime_of(seconds{1U << 31U}, with_ttl(minutes{10})), minutes{10});
}

TEST(Schedule, small_positive_ttl_wins_over_the_lower_bound) {
  EXPECT_EQ(lifetime_of(seconds{0}, with_ttl(seconds{1})), seconds{1});
  EXPECT_EQ(lifetime_of(hours{1}, with_ttl(seconds{1})), seconds{1});
  EXPECT_GT(lifetime_of(hours{1}, with_ttl(seconds{0})), milliseconds{0});
  EXPECT_EQ(refresh_after(seconds{1}), milliseconds{800});
}

TEST(Schedule, delays_grow_to_a_minute_and_are_spread) {
  EXPECT_EQ(retry_delay(1, 0.5), milliseconds{500});
  EXPECT_EQ(retry_delay(3, 0.5), milliseconds{2000});
  EXPECT_EQ(retry_delay(1000, 0.5), milliseconds{30'000});
  EXPECT_GT(retry_delay(1, 0.0), milliseconds{0});
}

TEST(Schedule, retry_after_is_at_least_a_second) {
  const base::SteadyTime now{seconds{5}};
  EXPECT_EQ(seconds_between(now, now - seconds{3}), seconds{1});
  EXPECT_EQ(seconds_between(now, now + milliseconds{1500}), seconds{2});
}

}  // namespace
}  // namespace bearerd::keys
