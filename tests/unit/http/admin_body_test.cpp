#include "http/admin_body.hpp"

#include <gtest/gtest.h>

#include <array>

#include "base/text.hpp"
#include "http/admin_request.hpp"

namespace bearerd::http {
namespace {

constexpr std::array<std::string_view, 2> kKnown{"a", "b"};

TEST(AdminBody, a_name_does_not_end_at_a_zero_byte) {
  EXPECT_FALSE(parse_body(R"({"a\u0000x":"x"})", kKnown));
  EXPECT_TRUE(parse_body(R"({"a":"x"})", kKnown));
}

TEST(AdminBody, a_member_that_is_there_twice_is_refused_wherever_it_is) {
  for (const char* body : {R"({"a":1,"a":1})", R"({"a":1,"b":2,"\u0061":3})", R"({"a":{"x":1,"x":2}})"}) {
    const auto read = parse_body(body, kKnown);
    ASSERT_FALSE(read) << body;
    EXPECT_EQ(read.error().code, base::ErrorCode::kDenied) << body;
    EXPECT_EQ(invalid_refusal(read.error()).status, 400);
  }
  EXPECT_TRUE(parse_body(R"({"a":{"a":1},"b":[{"a":1},{"a":2}]})", kKnown));
}

TEST(AdminBody, what_is_shown_of_a_name_is_whole_characters) {
  for (std::size_t ahead = 60; ahead < 66; ++ahead) {
    const std::string name = std::string(ahead, 'x') + "\u20ac\U0001f600";
    const auto read = parse_body("{\"" + name + "\":1}", kKnown);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, base::ErrorCode::kInvalid);
    EXPECT_TRUE(base::is_utf8(read.error().text)) << ahead;
    EXPECT_NE(read.error().text.find(name.substr(0, 60)), std::string::npos);
  }
}

TEST(AdminBody, bytes_that_are_no_text_are_refused) {
  const auto read = parse_body("{\"a\":\"\xff\"}", kKnown);
  ASSERT_FALSE(read);
  EXPECT_EQ(invalid_refusal(read.error()).status, 400);
}

TEST(AdminBody, a_member_that_is_missing_is_told_apart_from_one_of_another_kind) {
  const auto object = parse_body(R"({"a":7})", kKnown);
  ASSERT_TRUE(object);
  EXPECT_EQ(text_member(**object, "a").error().text, "\"a\" has to be a string");
  EXPECT_EQ(text_member(**object, "b").error().text, "\"b\" is missing");
}

// "name=value;…", or why not.
std::string read_query(std::string_view query) {
  std::string seen;
  const auto read = for_each_parameter(query, "a and b", [&](std::string_view name, std::string_view value) {
    seen += std::string(name) + "=" + std::string(value) + ";";
    return base::Result<void>();
  });
  return read ? seen : read.error().text;
}

TEST(AdminQuery, values_are_decoded_once_and_after_the_query_was_split) {
  EXPECT_EQ(read_query("a=my%26idp%3dx&b=%2531+1"), "a=my&idp=x;b=%31+1;");
  EXPECT_EQ(read_query("a="), "a=;");
  EXPECT_EQ(read_query(""), "");
}

TEST(AdminQuery, broken_escapes_and_what_is_there_twice_are_refused) {
  for (const char* query : {"a=%", "a=%4", "a=%zz", "b=1&a=1%2"})
    EXPECT_NE(read_query(query).find("RFC 3986"), std::string::npos) << query;
  for (const char* query : {"a=1&a=2", "a=1&a=1", "a=1&b=2&a="})
    EXPECT_EQ(read_query(query), "\"a\" is in the query twice") << query;
  EXPECT_EQ(read_query("a=1&b"), "the query may have a and b");
}

}  // namespace
}  // namespace bearerd::http
