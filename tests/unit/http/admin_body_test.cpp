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

}  // namespace
}  // namespace bearerd::http
