#include "verify/verdict_cache.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace bearerd::verify {
namespace {

Verdict verdict_of(std::uint64_t epoch) {
  Verdict verdict;
  verdict.provider_epoch = epoch;
  return verdict;
}

TEST(TokenHasher, equal_tokens_have_equal_tags_on_every_hasher_of_the_process) {
  TokenHasher one;
  TokenHasher two;
  EXPECT_EQ(one.tag("a.b.c"), two.tag("a.b.c"));
  EXPECT_EQ(one.tag("a.b.c"), one.tag("a.b.c"));
}

TEST(TokenHasher, any_changed_byte_changes_the_tag) {
  TokenHasher hasher;
  const std::string token(200, 'x');
  std::set<std::pair<std::uint64_t, std::uint64_t>> tags;
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = 'y';
    const TokenTag tag = hasher.tag(changed);
    tags.emplace(tag.high, tag.low);
  }
  EXPECT_EQ(tags.size(), token.size());
}

TEST(VerdictCache, finds_what_was_put_and_nothing_else) {
  VerdictCache cache(64);
  EXPECT_EQ(cache.find({1, 2}), nullptr);
  EXPECT_FALSE(cache.put({1, 2}, verdict_of(7)));
  ASSERT_NE(cache.find({1, 2}), nullptr);
  EXPECT_EQ(cache.find({1, 2})->provider_epoch, 7U);
  EXPECT_EQ(cache.find({1, 3}), nullptr);
  EXPECT_EQ(cache.find({2, 2}), nullptr);
  cache.clear();
  EXPECT_EQ(cache.find({1, 2}), nullptr);
  EXPECT_EQ(cache.size(), 0U);
}

TEST(VerdictCache, never_holds_more_than_its_bound_and_gives_up_the_least_recently_used) {
  VerdictCache cache(8);
  for (std::uint64_t i = 1; i <= 8; ++i) EXPECT_FALSE(cache.put({i, i}, verdict_of(i)));
  EXPECT_NE(cache.find({1, 1}), nullptr);
  EXPECT_TRUE(cache.put({9, 9}, verdict_of(9)));
  EXPECT_EQ(cache.size(), 8U);
  EXPECT_NE(cache.find({1, 1}), nullptr) << "used a moment ago";
  EXPECT_EQ(cache.find({2, 2}), nullptr) << "the oldest";
}

TEST(VerdictCache, of_no_entries_is_off) {
  VerdictCache cache(0);
  EXPECT_TRUE(cache.is_off());
  EXPECT_FALSE(cache.put({1, 1}, verdict_of(1)));
  EXPECT_EQ(cache.find({1, 1}), nullptr);
}

}  // namespace
}  // namespace bearerd::verify
