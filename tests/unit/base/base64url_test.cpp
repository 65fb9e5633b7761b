#include "base/base64url.hpp"

#include <gtest/gtest.h>

#include <random>

#include "support/signer/signer.hpp"

namespace bearerd::base {
namespace {

std::string_view text_of(const std::vector<std::uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(Base64url, agrees_with_another_encoder_for_every_length_and_byte) {
  std::mt19937 random(1);
  for (std::size_t length = 0; length < 300; ++length) {
    std::vector<std::uint8_t> bytes(length);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    const std::string encoded = encode_base64url(bytes);
    EXPECT_EQ(encoded, test::base64url(text_of(bytes)));
    EXPECT_EQ(decoded_size(encoded.size()), length);
    EXPECT_EQ(decode_base64url(encoded), bytes);
  }
}

TEST(Base64url, a_length_of_one_more_than_a_multiple_of_four_can_not_be) {
  for (const std::string_view text : {"A", "AAAAA", "AAAAAAAAA"}) {
    EXPECT_FALSE(decoded_size(text.size()));
    EXPECT_FALSE(decode_base64url(text));
  }
}

TEST(Base64url, every_character_outside_the_alphabet_is_refused_at_every_place) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (unsigned code = 0; code < 256; ++code) {
    const char c = static_cast<char>(code);
    const bool is_good = kAlphabet.find(c) != std::string_view::npos;
    for (std::size_t place = 0; place < 11; ++place) {
      std::string text = "AAAAAAAAAAA";  // two groups and a rest of three
      text[place] = c;
      const bool has_loose_bits = place == 10 && is_good && kAlphabet.find(c) % 4 != 0;
      EXPECT_EQ(decode_base64url(text).has_value(), is_good && !has_loose_bits) << code << " at " << place;
    }
  }
}

TEST(Base64url, one_value_has_one_spelling) {
  EXPECT_TRUE(decode_base64url("QQ"));
  for (const std::string_view text : {"QR", "QS", "QY", "Qf", "QQ==", "QQ=", "QQ\n", " QQ", "QUF=", "QUJ", "QUH"}) {
    EXPECT_FALSE(decode_base64url(text)) << text;
  }
  EXPECT_TRUE(decode_base64url("QUE"));
  EXPECT_FALSE(decode_base64url("QUF"));
}

}  // namespace
}  // namespace bearerd::base
