#include "base/secret.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace bearerd::base {
namespace {

TEST(Secret, compares_by_all_its_bytes) {
  EXPECT_EQ(Secret("abc"), Secret("abc"));
  EXPECT_FALSE(Secret("abc") == Secret("abd"));
  EXPECT_FALSE(Secret("abc") == Secret("Abc"));
  EXPECT_FALSE(Secret("abc") == Secret("ab"));
  EXPECT_FALSE(Secret("") == Secret("a"));
  EXPECT_EQ(Secret(), Secret(""));
  EXPECT_FALSE(Secret(std::string_view("a\0b", 3)) == Secret(std::string_view("a\0c", 3)));
}

TEST(Secret, copies_are_independent_and_moves_leave_nothing) {
  Secret first("abc");
  Secret copy = first;
  const Secret moved = std::move(first);
  EXPECT_EQ(moved, copy);
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): what is left behind is the point
  copy = Secret("other");
  EXPECT_EQ(moved.as_text(), "abc");
  copy = moved;
  EXPECT_EQ(copy, moved);
  Secret& itself = copy;
  copy = itself;
  EXPECT_EQ(copy.as_text(), "abc");
}

TEST(Secret, is_taken_from_bytes) {
  const Secret secret(std::vector<std::uint8_t>{1, 0, 2});
  EXPECT_EQ(secret.size(), 3U);
  EXPECT_EQ(secret.as_text(), std::string_view("\1\0\2", 3));
}

}  // namespace
}  // namespace bearerd::base
