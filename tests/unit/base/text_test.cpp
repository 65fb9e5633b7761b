#include "base/text.hpp"

#include <gtest/gtest.h>

namespace bearerd::base {
namespace {

TEST(Text, case_is_ignored_for_ascii_letters_alone) {
  EXPECT_TRUE(equals_ignoring_case("Bearer", "bEARER"));
  EXPECT_TRUE(equals_ignoring_case("", ""));
  EXPECT_FALSE(equals_ignoring_case("bearer", "bearer "));
  EXPECT_FALSE(equals_ignoring_case("@[`{", "`{@["));
  EXPECT_FALSE(equals_ignoring_case("\xC3\x84", "\xC3\xA4"));
  EXPECT_FALSE(equals_ignoring_case("k", "\xE2\x84\xAA")) << "the Kelvin sign is no k";
  EXPECT_EQ(to_lower("A-Z\xC3\x84@["), "a-z\xC3\x84@[");
}

TEST(Text, utf8_is_judged_by_the_table_of_the_standard) {
  for (const std::string_view good : {"", "abc", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                                      "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(good));
  }
  EXPECT_TRUE(is_utf8(std::string_view("a\0b", 3)));
  for (const std::string_view bad :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x7F", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xEF\xBF",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xFE", "a\xE2\x82"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

TEST(Text, edit_distance_counts_changes) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("issuer", "isuer"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("POTS", "POST"), 1U);
  EXPECT_EQ(edit_distance("dya", "day"), 1U);
  EXPECT_EQ(edit_distance("abcd", "badc"), 2U);
  EXPECT_EQ(edit_distance("ca", "abc"), 3U);  // what was swapped is not changed again
  EXPECT_EQ(edit_distance(std::string(1000, 'a'), std::string(1000, 'b')), 64U);
}

std::string encoded(std::string_view value, bool is_list_element = false) {
  std::string out;
  append_header_encoded(out, value, is_list_element);
  return out;
}

TEST(Text, header_values_can_not_leave_their_line_or_list) {
  EXPECT_EQ(encoded("Jane Doe"), "Jane Doe");
  EXPECT_EQ(encoded(" a b "), "%20a b%20");
  EXPECT_EQ(encoded("  a  "), "%20%20a%20%20");
  EXPECT_EQ(encoded("  "), "%20%20");
  EXPECT_EQ(encoded("a\r\nX-Evil: 1"), "a%0D%0AX-Evil: 1");
  EXPECT_EQ(encoded(std::string_view("a\0b", 3)), "a%00b");
  EXPECT_EQ(encoded("100%"), "100%25");
  EXPECT_EQ(encoded("\xC3\xA4\x7F\x1F~"), "%C3%A4%7F%1F~");
  EXPECT_EQ(encoded("a,b"), "a,b");
  EXPECT_EQ(encoded("a,b", true), "a%2Cb");
  EXPECT_EQ(encoded("\t"), "%09");
}

TEST(Text, decimals_are_strict) {
  EXPECT_EQ(parse_decimal("0"), 0U);
  EXPECT_EQ(parse_decimal("007"), 7U);
  EXPECT_EQ(parse_decimal("18446744073709551615"), UINT64_MAX);
  for (const std::string_view bad :
       {"", "-1", "+1", " 1", "1 ", "1.0", "0x1", "1e3", "18446744073709551616", "a", "1a"}) {
    EXPECT_EQ(parse_decimal(bad), std::nullopt) << bad;
  }
}

TEST(Text, hex_is_lower_case) {
  const std::uint8_t bytes[] = {0x00, 0x0F, 0xA5, 0xFF};
  EXPECT_EQ(hex(bytes), "000fa5ff");
  EXPECT_EQ(hex({}), "");
}

std::string escaped(std::string_view text) {
  std::string out;
  append_json_escaped(out, text);
  return out;
}

TEST(Text, json_strings_can_not_be_left_and_stay_utf8) {
  EXPECT_EQ(escaped("a\"b\\c"), "a\\\"b\\\\c");
  EXPECT_EQ(escaped(std::string_view("\0\n\r\t\x1F\x7F", 6)), "\\u0000\\u000a\\u000d\\u0009\\u001f\\u007f");
  EXPECT_EQ(escaped("\xC3\xA4"), "\xC3\xA4");
  EXPECT_EQ(escaped("a\xFF\xC3"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(escaped("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Text, a_json_string_has_its_quotes) {
  EXPECT_EQ(json_string(""), "\"\"");
  EXPECT_EQ(json_string("a\"b\n"), "\"a\\\"b\\u000a\"");
}

TEST(Text, a_cut_is_at_a_character) {
  EXPECT_EQ(cut_at_character("abc", 3), "abc");
  EXPECT_EQ(cut_at_character("abc", 2), "ab");
  EXPECT_EQ(cut_at_character("a\xC3\xA4z", 2), "a");
  EXPECT_EQ(cut_at_character("a\xC3\xA4z", 3), "a\xC3\xA4");
  EXPECT_EQ(cut_at_character("\xF0\x9F\x94\x91z", 3), "");
  EXPECT_EQ(cut_at_character("\x80\x80\x80", 2), "");
}

}  // namespace
}  // namespace bearerd::base
