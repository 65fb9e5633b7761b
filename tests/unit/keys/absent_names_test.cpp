#include "keys/absent_names.hpp"

#include <gtest/gtest.h>

namespace bearerd::keys {
namespace {

using std::chrono::seconds;

const base::SteadyTime kNow{seconds{1000}};

TEST(AbsentNames, name_is_remembered_until_its_time) {
  AbsentNames names(4);
  names.remember(1, kNow + seconds{10});
  EXPECT_TRUE(names.holds(1, kNow + seconds{9}));
  EXPECT_FALSE(names.holds(1, kNow + seconds{10}));
  EXPECT_EQ(names.size(), 0U);
}

TEST(AbsentNames, name_asked_for_longest_ago_goes_first) {
  AbsentNames names(2);
  names.remember(1, kNow + seconds{10});
  names.remember(2, kNow + seconds{10});
  EXPECT_TRUE(names.holds(1, kNow));
  names.remember(3, kNow + seconds{10});
  EXPECT_TRUE(names.holds(1, kNow));
  EXPECT_FALSE(names.holds(2, kNow));
}

TEST(AbsentNames, flood_does_not_grow_it) {
  AbsentNames names(1024);
  for (std::uint64_t i = 0; i < 10'000; ++i) names.remember(i, kNow + seconds{10});
  EXPECT_EQ(names.size(), 1024U);
}

TEST(AbsentNames, remembering_again_extends_the_time) {
  AbsentNames names(2);
  names.remember(1, kNow + seconds{1});
  names.remember(1, kNow + seconds{10});
  EXPECT_EQ(names.size(), 1U);
  EXPECT_TRUE(names.holds(1, kNow + seconds{5}));
}

}  // namespace
}  // namespace bearerd::keys
