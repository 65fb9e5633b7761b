#include "jose/claims.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace bearerd::jose {
namespace {

using base::ClaimPath;

ClaimsDocument parse(std::string_view json) {
  auto parsed = ClaimsDocument::parse(json);
  if (!parsed) throw std::runtime_error(parsed.error().text);
  return std::move(*parsed);
}

bool is_refused(std::string_view json) { return !ClaimsDocument::parse(json).has_value(); }

std::vector<std::string> strings_at(const Claims& claims, const ClaimPath& path) {
  std::vector<std::string> found;
  claims.for_each_string(path, [&](std::string_view text) {
    found.emplace_back(text);
    return true;
  });
  return found;
}

TEST(Claims, only_a_json_object_in_strict_form_is_read) {
  for (const std::string_view json : {"",
                                      " ",
                                      "[]",
                                      "1",
                                      "\"x\"",
                                      "null",
                                      "{",
                                      "{}{}",
                                      "{} x",
                                      "{\"a\":1,}",
                                      "{\"a\" 1}",
                                      "{a:1}",
                                      "{'a':1}",
                                      "{\"a\":tru}",
                                      "{\"a\":00012}",
                                      "{\"a\":\"\\q\"}",
                                      "{\"a\":[1,,2]}",
                                      "{\"a\":+1}",
                                      "{\"a\":.5}",
                                      "{\"a\":1.}",
                                      "{\"a\":NaN}",
                                      "{\"a\":Infinity}",
                                      "{\"a\":-Infinity}",
                                      "{\"a\":1e400}",
                                      "{\"a\":\"\n\"}",
                                      "{\"a\":1/*c*/}",
                                      "{\"a\":0x10}"}) {
    EXPECT_TRUE(is_refused(json)) << json;
  }
  EXPECT_TRUE(is_refused(std::string_view("{}\0", 3)));
  EXPECT_FALSE(is_refused(" {\r\n\t\"a\" : 1 } "));
}

TEST(Claims, a_byte_order_mark_is_refused) { EXPECT_TRUE(is_refused("\xEF\xBB\xBF{}")); }

TEST(Claims, bytes_that_are_no_utf8_are_refused) {
  for (const std::string_view bytes : {"\xFF", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80"}) {
    EXPECT_TRUE(is_refused("{\"a\":\"" + std::string(bytes) + "\"}"));
    EXPECT_TRUE(is_refused("{\"" + std::string(bytes) + "\":1}"));
  }
}

TEST(Claims, lone_surrogates_are_refused) {
  EXPECT_TRUE(is_refused(R"({"a":"\ud800"})"));
  EXPECT_TRUE(is_refused(R"({"a":"\udc00"})"));
  EXPECT_TRUE(is_refused(R"({"a":"\ud800\u0041"})"));
  EXPECT_TRUE(is_refused(R"({"\ud800":1})"));
  EXPECT_FALSE(is_refused(R"({"a":"\ud83d\ude00"})"));
}

TEST(Claims, a_member_name_twice_is_refused_at_any_depth) {
  EXPECT_TRUE(is_refused(R"({"aud":"ours","aud":"theirs"})"));
  EXPECT_TRUE(is_refused(R"({"aud":"ours","x":1,"a\u0075d":"theirs"})"));
  EXPECT_TRUE(is_refused(R"({"a":{"b":[1,{"c":1,"c":1}]}})"));
  EXPECT_TRUE(is_refused(R"({"":1,"":2})"));
  EXPECT_TRUE(is_refused(R"({"a\u0000b":1,"a\u0000b":2})"));
  EXPECT_FALSE(is_refused(R"({"a":{"a":{"a":1}},"b":{"a":1}})"));
  EXPECT_FALSE(is_refused(R"({"a\u0000b":1,"a\u0000c":2,"a":3})"));
}

TEST(Claims, a_member_name_twice_is_refused_among_thousands) {
  std::string json = "{\"twice\":0";
  for (int i = 0; i < 20000; ++i) json += ",\"name" + std::to_string(i) + "\":{}";
  EXPECT_FALSE(is_refused(json + "}"));
  EXPECT_TRUE(is_refused(json + ",\"twice\":1}"));
  EXPECT_TRUE(is_refused(json + ",\"name77\":1}"));
}

TEST(Claims, depth_is_bounded) {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  EXPECT_FALSE(is_refused(nested(16)));
  EXPECT_TRUE(is_refused(nested(17)));
  EXPECT_TRUE(is_refused(nested(100000)));
  EXPECT_TRUE(is_refused("{\"a\":" + std::string(100000, '[')));
}

TEST(Claims, size_is_bounded) {
  EXPECT_TRUE(ClaimsDocument::parse(R"({"a":1})", 7).has_value());
  const auto refused = ClaimsDocument::parse(R"({"a":1})", 6);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kTooLarge);
}

TEST(Claims, an_error_text_holds_no_value) {
  const auto refused = ClaimsDocument::parse(R"({"secret-name":"secret-value","secret-name":1})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text.find("secret"), std::string::npos);
}

TEST(Claims, a_path_is_one_literal_name_first_and_then_walks_objects) {
  const auto document = parse(
      R"({"a.b":"literal","a":{"b":"walked","c":{"d":"deep"}},"https://x.example/roles":["r"],"resource_access":{"my.client":{"roles":["x","y"]}}})");
  const Claims claims = document.claims();
  EXPECT_EQ(claims.string_at(ClaimPath::from_text("a.b")), "literal");
  EXPECT_EQ(claims.string_at(ClaimPath::from_segments({"a", "b"})), "walked");
  EXPECT_EQ(claims.string_at(ClaimPath::from_text("a.c.d")), "deep");
  EXPECT_EQ(claims.string_at(ClaimPath::from_text("a.c.d.e")), std::nullopt);
  EXPECT_EQ(claims.string_at(ClaimPath::from_text("a..b")), std::nullopt);
  EXPECT_EQ(strings_at(claims, ClaimPath::from_text("https://x.example/roles")), std::vector<std::string>{"r"});
  const std::vector<std::string> roles{"x", "y"};
  EXPECT_EQ(strings_at(claims, ClaimPath::from_segments({"resource_access", "my.client", "roles"})), roles);
  EXPECT_TRUE(strings_at(claims, ClaimPath::from_text("resource_access.my.client.roles")).empty());
}

TEST(Claims, kinds_are_told_apart) {
  const auto document = parse(R"({"n":null,"b":true,"i":1,"u":18446744073709551615,"d":1.5,"s":"","a":[],"o":{}})");
  const Claims claims = document.claims();
  EXPECT_EQ(claims.kind_of("n"), ClaimKind::kNull);
  EXPECT_EQ(claims.kind_of("b"), ClaimKind::kBoolean);
  for (const char* name : {"i", "u", "d"}) EXPECT_EQ(claims.kind_of(name), ClaimKind::kNumber);
  EXPECT_EQ(claims.kind_of("s"), ClaimKind::kString);
  EXPECT_EQ(claims.kind_of("a"), ClaimKind::kArray);
  EXPECT_EQ(claims.kind_of("o"), ClaimKind::kObject);
  EXPECT_EQ(claims.kind_of("x"), ClaimKind::kMissing);
  EXPECT_EQ(claims.kind_at(ClaimPath::from_text("o.x")), ClaimKind::kMissing);
  EXPECT_EQ(claims.boolean_at(ClaimPath::from_text("b")), true);
  EXPECT_EQ(claims.boolean_at(ClaimPath::from_text("i")), std::nullopt);
  EXPECT_EQ(claims.string_of("i"), std::nullopt);
}

TEST(Claims, an_integer_is_exact_or_it_is_none) {
  const auto document = parse(
      R"({"ok":9007199254740992,"low":-9007199254740992,"high":9007199254740993,"u":18446744073709551615,"f":1.0,"e":1e3,"s":"1"})");
  const auto at = [&](const char* name) { return document.claims().integer_at(ClaimPath::from_text(name)); };
  EXPECT_EQ(at("ok"), std::int64_t{1} << 53);
  EXPECT_EQ(at("low"), -(std::int64_t{1} << 53));
  for (const char* name : {"high", "u", "f", "e", "s", "x"}) EXPECT_EQ(at(name), std::nullopt) << name;
}

TEST(Claims, strings_are_visited_only_when_all_are_strings) {
  const auto document =
      parse(R"({"one":"a","many":["a","b"],"mixed":["a",1],"nested":["a",["b"]],"empty":[],"n":1,"o":{"a":"b"}})");
  const Claims claims = document.claims();
  const auto visit = [&](const char* name) {
    int visits = 0;
    const bool is_good =
        claims.for_each_string(ClaimPath::from_text(name), [&](std::string_view) { return ++visits > 0; });
    return std::pair(is_good, visits);
  };
  EXPECT_EQ(visit("one"), std::pair(true, 1));
  EXPECT_EQ(visit("many"), std::pair(true, 2));
  EXPECT_EQ(visit("empty"), std::pair(true, 0));
  for (const char* name : {"mixed", "nested", "n", "o", "x"}) EXPECT_EQ(visit(name), std::pair(false, 0)) << name;
}

TEST(Claims, visiting_stops_when_told) {
  const auto document = parse(R"({"many":["a","b"],"o":{"x":1,"y":2}})");
  int visits = 0;
  EXPECT_TRUE(
      document.claims().for_each_string(ClaimPath::from_text("many"), [&](std::string_view) { return ++visits < 0; }));
  EXPECT_TRUE(document.claims().for_each_member(ClaimPath::from_text("o"),
                                                [&](std::string_view, ClaimKind) { return ++visits < 0; }));
  EXPECT_EQ(visits, 2);
}

TEST(Claims, members_of_the_root_are_visited_with_the_empty_path) {
  const auto document = parse(R"({"a":1,"b":"x"})");
  std::vector<std::string> names;
  const auto note = [&](std::string_view name, ClaimKind) {
    names.emplace_back(name);
    return true;
  };
  EXPECT_TRUE(document.claims().for_each_member(ClaimPath{}, note));
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(document.claims().for_each_member(ClaimPath::from_text("a"), note));
}

TEST(Claims, text_with_a_nul_is_not_cut) {
  const auto document = parse(R"({"sub":"admin\u0000x","admin\u0000x":"y"})");
  EXPECT_EQ(document.claims().string_of("sub"), std::string_view("admin\0x", 7));
  EXPECT_EQ(document.claims().string_of(std::string_view("admin\0x", 7)), "y");
  EXPECT_EQ(document.claims().string_of("admin"), std::nullopt);
}

struct DateCase {
  const char* json;
  bool is_good;
  std::int64_t seconds;
  bool has_fraction;
};

TEST(Claims, a_date_is_a_number_of_seconds_and_nothing_else) {
  const DateCase cases[] = {
      {"0", true, 0, false},
      {"-0", true, 0, false},
      {"-0.0", true, 0, false},
      {"1767229200", true, 1767229200, false},
      {"1767229200.0", true, 1767229200, false},
      {"1.7e9", true, 1700000000, false},
      {"17e8", true, 1700000000, false},
      {"10.5", true, 10, true},
      {"0.0001", true, 0, true},
      {"9007199254740992", true, std::int64_t{1} << 53, false},
      {"9007199254740993", false, 0, false},
      {"9007199254740994.0", false, 0, false},
      {"9223372036854775807", false, 0, false},
      {"9223372036854775808", false, 0, false},
      {"18446744073709551615", false, 0, false},
      {"1e308", false, 0, false},
      {"1e19", false, 0, false},
      {"-1", false, 0, false},
      {"-0.5", false, 0, false},
      {"-1e-300", false, 0, false},
      {"\"1767229200\"", false, 0, false},
      {"\"\"", false, 0, false},
      {"true", false, 0, false},
      {"null", false, 0, false},
      {"[1767229200]", false, 0, false},
      {"{}", false, 0, false},
  };
  for (const DateCase& test : cases) {
    const auto document = parse("{\"exp\":" + std::string(test.json) + "}");
    const auto date = document.claims().date_of("exp");
    ASSERT_EQ(date.has_value(), test.is_good) << test.json;
    if (!test.is_good) continue;
    ASSERT_TRUE(date->has_value());
    EXPECT_EQ((*date)->seconds, test.seconds) << test.json;
    EXPECT_EQ((*date)->has_fraction, test.has_fraction) << test.json;
  }
}

TEST(Claims, an_absent_date_is_no_error) {
  const auto document = parse("{}");
  const auto date = document.claims().date_of("exp");
  ASSERT_TRUE(date);
  EXPECT_FALSE(date->has_value());
}

TEST(Claims, integers_too_large_for_any_type_refuse_the_text) {
  EXPECT_TRUE(is_refused(R"({"exp":18446744073709551616})"));
  EXPECT_TRUE(is_refused(R"({"exp":99999999999999999999999999})"));
}

TEST(Claims, a_document_can_be_moved) {
  ClaimsDocument first = parse(R"({"a":"x"})");
  const ClaimsDocument second = std::move(first);
  EXPECT_EQ(second.claims().string_of("a"), "x");
}

}  // namespace
}  // namespace bearerd::jose
