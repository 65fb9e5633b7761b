#include "jose/b64token.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bearerd::jose {
namespace {

constexpr std::string_view kCompactCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
constexpr std::string_view kExtraCharacters = "~+/";

Alphabet expected_for(char c) {
  if (kCompactCharacters.find(c) != std::string_view::npos) return Alphabet::kCompact;
  return kExtraCharacters.find(c) != std::string_view::npos ? Alphabet::kB64Token : Alphabet::kForeign;
}

// Around the width that is looked at in one step.
TEST(B64Token, each_character_counts_at_each_place) {
  for (const std::size_t length : {1U, 2U, 15U, 16U, 17U, 31U, 32U, 33U, 50U}) {
    for (std::size_t place = 0; place < length; ++place) {
      for (int code = 0; code < 256; ++code) {
        const char c = static_cast<char>(code);
        if (c == '=') continue;
        std::string text(length, 'a');
        text[place] = c;
        ASSERT_EQ(alphabet_of(text), expected_for(c)) << code << " at " << place << " of " << length;
      }
    }
  }
}

TEST(B64Token, padding_is_allowed_at_the_end_only_and_is_never_compact) {
  for (const std::string text : {"a=", "a==", "aaaaaaaaaaaaaaaa=", "aaaaaaaaaaaaaaa=", "a.b.c====================="})
    EXPECT_EQ(alphabet_of(text), Alphabet::kB64Token) << text;
  for (const std::string text : {"=", "==", "=a", "a=a", "aaaaaaaaaaaaaaaa=a", "================a", "a= "})
    EXPECT_EQ(alphabet_of(text), Alphabet::kForeign) << text;
}

TEST(B64Token, nothing_is_no_token) { EXPECT_EQ(alphabet_of({}), Alphabet::kForeign); }

}  // namespace
}  // namespace bearerd::jose
