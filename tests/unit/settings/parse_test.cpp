#include <gmock/gmock.h>

#include "settings/parse.hpp"
#include "unit/settings/loading.hpp"

namespace bearerd::settings {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const auto kFile = std::make_shared<const std::string>("f.json");

std::vector<std::string> faults_of(std::string_view text) {
  Problems problems;
  (void)parse_json(text, kFile, problems);
  std::vector<std::string> out;
  for (const Problem& problem : problems.take({})) out.push_back(problem.display());
  return out;
}

Node tree_of(std::string_view text) {
  Problems problems;
  return parse_json(text, kFile, problems).value();
}

TEST(Parse, comments_and_trailing_commas_are_tolerated) {
  EXPECT_THAT(faults_of("// a\n{/* b */ \"a\": [1, 2,], // c\n}"), IsEmpty());
}

TEST(Parse, keys_and_values_know_their_lines_and_columns) {
  const Node root = tree_of("{\n  // \"not\": \"this\"\n  \"a\" : /* , */ [1,\n    {\"ü\": true}],\n}");
  const Member& a = root.members.at(0);
  EXPECT_EQ(a.where.line, 3U);
  EXPECT_EQ(a.where.column, 3U);
  EXPECT_EQ(a.value.where.column, 17U);
  const Member& inner = a.value.elements.at(1).members.at(0);
  EXPECT_EQ(inner.where.line, 4U);
  EXPECT_EQ(inner.where.column, 6U);
  EXPECT_EQ(inner.value.where.column, 11U) << "columns count characters, not bytes";
}

TEST(Parse, a_duplicate_key_is_a_fault_at_its_second_place) {
  EXPECT_THAT(faults_of("{\"a\": {\n\"b\": 1,\n  \"b\": 2}}"),
              ElementsAre("f.json:3:3: a.b: this key is given twice in one object; keep one of the two"));
}

TEST(Parse, a_duplicate_key_spelled_with_an_escape_is_found) {
  EXPECT_THAT(faults_of(R"({"aud": 1, "a\u0075d": 2})"),
              ElementsAre("f.json:1:12: aud: this key is given twice in one object; keep one of the two"));
}

TEST(Parse, a_duplicate_api_key_is_not_printed) {
  EXPECT_THAT(faults_of(R"({"keys": {"s3cret": 1, "s3cret": 2}})"),
              ElementsAre("f.json:1:24: keys.*: this key is given twice in one object; keep one of the two"));
}

TEST(Parse, a_syntax_error_names_its_place) {
  EXPECT_THAT(faults_of("{\n  \"a\" 1}"),
              ElementsAre("f.json:2:7: not JSON: missing a colon after a name of object member"));
}

TEST(Parse, a_nul_does_not_hide_what_follows_it) {
  EXPECT_THAT(faults_of(std::string_view("{}\0{", 4)), ElementsAre("f.json:1:3: the file is not UTF-8 text here"));
}

TEST(Parse, bytes_that_are_no_utf8_are_refused_in_comments_too) {
  EXPECT_THAT(faults_of("{} // \xff"), ElementsAre("f.json:1:7: the file is not UTF-8 text here"));
}

TEST(Parse, a_byte_order_mark_is_skipped) { EXPECT_THAT(faults_of("\xEF\xBB\xBF{}"), IsEmpty()); }

TEST(Parse, depth_is_bounded) {
  EXPECT_THAT(faults_of(std::string(64, '[') + std::string(64, ']')), IsEmpty());
  EXPECT_EQ(faults_of(std::string(65, '[')).size(), 1U);
  EXPECT_EQ(faults_of(std::string(1'000'000, '[')).size(), 1U);
}

TEST(Parse, the_canonical_text_ignores_order_comments_and_white_space) {
  std::string a, b;
  append_canonical(a, tree_of(R"({"b": [1, true, null], "a": "x"})"));
  append_canonical(b, tree_of("{ /* c */ \"a\":\"x\",\"b\":[1,true,null,],}"));
  EXPECT_EQ(a, b);
  EXPECT_EQ(a, R"({"a":"x","b":[1,true,null]})");
}

TEST(PluginSchemaText, is_parsed_with_all_its_attributes) {
  const auto schema = parse_plugin_schema(
      R"({"description": "d", "settings": [{"name": "n", "type": "integer", "default": 5, "minimum": 1, "maximum": 9,
          "help": "h"}, {"name": "s", "type": "string", "choices": ["a", "b"], "secret": true, "required": true}]})");
  ASSERT_TRUE(schema.has_value());
  ASSERT_EQ(schema->settings.size(), 2U);
  EXPECT_EQ(schema->settings[0].default_json, "5");
  EXPECT_EQ(schema->settings[0].maximum, 9);
  EXPECT_TRUE(schema->settings[1].is_secret && schema->settings[1].is_required);
  EXPECT_EQ(schema->settings[1].choices, (std::vector<std::string>{"a", "b"}));
}

TEST(PluginSchemaText, says_under_which_settings_the_plugin_names_roles) {
  const std::string settings = R"("settings": [{"name": "n", "type": "boolean"}])";
  const auto parse = [&](const std::string& value) {
    return parse_plugin_schema("{" + settings + ", \"namesRoles\": " + value + "}");
  };
  ASSERT_TRUE(parse("true").has_value());
  EXPECT_TRUE(parse("true")->names_roles);
  ASSERT_TRUE(parse(R"(["n"])").has_value());
  EXPECT_EQ(parse(R"(["n"])")->names_roles_with, std::vector<std::string>{"n"});
  EXPECT_FALSE(parse(R"(["other"])").has_value());
  EXPECT_FALSE(parse("5").has_value());
}

TEST(PluginSchemaText, what_is_not_understood_is_refused) {
  EXPECT_FALSE(parse_plugin_schema("[]").has_value());
  EXPECT_FALSE(parse_plugin_schema(R"({"settings": [{"name": "n"}]})").has_value());
  EXPECT_FALSE(parse_plugin_schema(R"({"settings": [{"name": "n", "type": "float"}]})").has_value());
  EXPECT_FALSE(parse_plugin_schema(R"({"settings": [{"name": "n", "type": "string", "secert": true}]})").has_value());
}

}  // namespace
}  // namespace bearerd::settings
