#include "access/path_pattern.hpp"

#include <gtest/gtest.h>

#include <random>

#include "settings/regex.hpp"

namespace bearerd::access {
namespace {

using Rest = LiteralPrefix::Rest;

struct Case {
  std::string_view pattern, prefix;
  Rest rest;
};

TEST(LiteralPrefix, is_what_every_match_begins_with) {
  for (const Case& each : {
           Case{"/a/b", "/a/b", Rest::kNothing},
           {"^/a/b$", "/a/b", Rest::kNothing},
           {"/a/.*", "/a/", Rest::kAnything},
           {"^\\/v1\\/rate\\.json.*$", "/v1/rate.json", Rest::kAnything},
           {"/a/(b|c)/.*", "/a/", Rest::kPattern},
           {"/a(/.*)?", "/a", Rest::kPattern},
           {"/ab*", "/a", Rest::kPattern},
           {"/ab?", "/a", Rest::kPattern},
           {"/ab{0,2}", "/a", Rest::kPattern},
           {"/ab+", "/a", Rest::kPattern},
           {"/a|/b", "", Rest::kPattern},
           {"/a/[|]x", "/a/", Rest::kPattern},
           {"/a\\|b", "/a|b", Rest::kNothing},
           {"/a/[[:alpha:](]x|/b", "", Rest::kPattern},
           {"/a\\Q|\\E", "", Rest::kPattern},
           {"/a/[]|]x", "/a/", Rest::kPattern},
           {"(?i)/A", "", Rest::kPattern},
           {"/a/\\d+", "/a/", Rest::kPattern},
           {"/ab(?i)?", "/a", Rest::kPattern},
           {"/ä*", "/", Rest::kPattern},
           {"/a\\b/x", "", Rest::kPattern},
           {"/a^b", "", Rest::kPattern},
           {"/a/[^/]+", "/a/", Rest::kPattern},
           {".*", "", Rest::kAnything},
           {"", "", Rest::kNothing},
       }) {
    const LiteralPrefix found = literal_prefix(each.pattern);
    EXPECT_EQ(found.text, each.prefix) << each.pattern;
    EXPECT_EQ(found.rest, each.rest) << each.pattern;
  }
}

struct Split {
  std::string_view pattern, segment, below;  // both empty: it is not split
};

TEST(SegmentSplit, is_at_the_first_slash_that_can_be_matched) {
  for (const Split& each : {
           Split{"[^/]+/x", "[^/]+", "/x"},
           {"[^\\/]+\\/x", "[^\\/]+", "\\/x"},
           {"[0-9a-z_-]+/x/[^/]*", "[0-9a-z_-]+", "/x/[^/]*"},
           {"\\d+\\.\\w{2,3}/x", "\\d+\\.\\w{2,3}", "/x"},
           {"(?P<id>[^/]+)/x", "(?P<id>[^/]+)", "/x"},
           {"(?:a|b)?/", "(?:a|b)?", "/"},
           {"/x", "", "/x"},
           {"[^]/]/x", "[^]/]", "/x"},
           {"[^/]+", "", ""},
           {".*/x", "", ""},
           {"[^a]+/x", "", ""},
           {"[^/]+/?x", "", ""},
           {"[^/]+/(?i)?x", "", ""},
           {"(?i)a/x", "", ""},
           {"(a/b|c)/x", "", ""},
           {"[+-9]/x", "", ""},
           {"[\\.-9]/x", "", ""},
           {"[a/]/x", "", ""},
           {"\\W/x", "", ""},
           {"\\x2F/x", "", ""},
           {"[^/]+$/x", "", ""},
           {"a/x|b/y", "", ""},
       }) {
    const auto found = split_segment(each.pattern);
    EXPECT_EQ(found ? found->segment : "", each.segment) << each.pattern;
    EXPECT_EQ(found ? found->below : "", each.below) << each.pattern;
  }
}

// The judge is RE2 again.
TEST(SegmentSplit, matches_what_the_pattern_matches) {
  std::mt19937 random(13);
  const auto pick = [&](const auto& list) { return std::string(list[random() % std::size(list)]); };
  constexpr std::string_view kPieces[] = {
      "/",     "/",     "a",    "\\/",    ".",       "*", "+",    "?",   "(",   ")",   "(?:",  "(?P<n>", "|",  "[^/]",
      "[^/]+", "[+-9]", "[a-]", "[\\d-]", "[^\\/]*", "$", "(?i)", "\\w", "{2}", "\\W", "[]/]", "[^]/]",  "\\."};
  constexpr std::string_view kBytes[] = {"/", "/", "a", "A", ".", "1", "-", "]"};
  int splits = 0, matches = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string pattern;
    for (auto n = random() % 8; n > 0; --n) pattern += pick(kPieces);
    const auto whole = settings::Regex::compile(pattern);
    const auto split = whole ? split_segment(pattern) : std::nullopt;
    if (!split) continue;
    ++splits;
    const auto segment = settings::Regex::compile(split->segment), below = settings::Regex::compile(split->below);
    ASSERT_TRUE(segment && below) << pattern;
    for (int tries = 0; tries < 20; ++tries) {
      std::string path;
      for (auto n = random() % 6; n > 0; --n) path += pick(kBytes);
      const std::size_t slash = path.find('/');
      const bool is_match = (*whole)->matches_whole(path);
      matches += is_match ? 1 : 0;
      ASSERT_EQ(is_match, slash != std::string::npos && (*segment)->matches_whole(path.substr(0, slash)) &&
                              (*below)->matches_whole(path.substr(slash)))
          << pattern << " on " << path;
    }
  }
  EXPECT_GT(splits, 1'000);
  EXPECT_GT(matches, 1'000);
}

// The judge is RE2 itself: whatever it matches begins with the prefix, and goes on as the rest says.
TEST(LiteralPrefix, never_leaves_out_what_the_pattern_matches) {
  std::mt19937 random(7);  // the same patterns each time
  const auto pick = [&](const auto& list) { return std::string(list[random() % std::size(list)]); };
  constexpr std::string_view kPieces[] = {"/",   "a",    "b",     "\\/", "\\.",   ".",    ".*",   "*",    "+",  "?",
                                          "{2}", "(",    ")",     "(?:", "|",     "[ab]", "[^a]", "[]a]", "^",  "$",
                                          "\\|", "(?i)", "[a|b]", "\\d", "\\Qa|", "\\E",  "\\b",  "\\B",  "\\A"};
  constexpr std::string_view kBytes[] = {"/", "a", "b", "A", ".", "|", "1"};
  int matches = 0;
  for (int round = 0; round < 15'000; ++round) {
    std::string pattern, text;
    for (auto n = random() % 7; n > 0; --n) pattern += pick(kPieces);
    const auto compiled = settings::Regex::compile(pattern);
    if (!compiled) continue;
    const LiteralPrefix prefix = literal_prefix(pattern);
    const auto rest = settings::Regex::compile(prefix.rest_pattern);
    ASSERT_TRUE(rest || prefix.rest != Rest::kPattern) << pattern << " leaves " << prefix.rest_pattern;
    for (int tries = 0; tries < 20; ++tries) {
      text = random() % 2 == 0 ? prefix.text : "";
      for (auto n = random() % 5; n > 0; --n) text += pick(kBytes);
      const bool is_match = (*compiled)->matches_whole(text);
      matches += is_match ? 1 : 0;
      ASSERT_TRUE(!is_match || text.starts_with(prefix.text)) << pattern << " matches " << text;
      if (prefix.rest == Rest::kPattern && text.starts_with(prefix.text)) {
        ASSERT_EQ(is_match, (*rest)->matches_whole(std::string_view(text).substr(prefix.text.size())))
            << pattern << " on " << text;
      }
      if (prefix.rest == Rest::kNothing) {
        ASSERT_EQ(is_match, text == prefix.text) << pattern << ' ' << text;
      }
      if (prefix.rest == Rest::kAnything) {
        ASSERT_EQ(is_match, text.starts_with(prefix.text)) << pattern << ' ' << text;
      }
    }
  }
  EXPECT_GT(matches, 4'000);
}

}  // namespace
}  // namespace bearerd::access
