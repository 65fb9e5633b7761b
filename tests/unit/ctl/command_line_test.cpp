#include "ctl/command_line.hpp"

#include <gtest/gtest.h>

namespace bearerd::ctl {
namespace {

base::Result<CommandLine> parse(std::vector<std::string_view> words, std::string_view variable = {}) {
  return parse_command_line(words, variable);
}

TEST(CommandLine, the_socket_is_the_option_else_the_variable_else_where_the_unit_puts_it) {
  EXPECT_EQ(parse({"status"})->socket, "/run/bearerd/admin.sock");
  EXPECT_EQ(parse({"status"}, "/a")->socket, "/a");
  EXPECT_EQ(parse({"--socket", "/b", "status"}, "/a")->socket, "/b");
  EXPECT_EQ(parse({"status", "--socket=unix:/c"}, "/a")->socket, "/c");
}

TEST(CommandLine, options_stand_anywhere_until_two_dashes) {
  const auto line = parse({"status", "--json", "--", "--help"});
  ASSERT_TRUE(line);
  EXPECT_TRUE(line->wants_json);
  EXPECT_FALSE(line->wants_help);
  EXPECT_EQ(line->words, (std::vector<std::string>{"status", "--help"}));
}

TEST(CommandLine, an_unknown_option_or_a_missing_value_is_an_error) {
  EXPECT_FALSE(parse({"--jsn"}));
  EXPECT_FALSE(parse({"status", "--socket"}));
}

TEST(CommandLine, options_with_a_value_are_taken_once_in_either_spelling) {
  const auto line = parse({"revoke", "demo", "--subject", "--json", "--until=now=x"});
  ASSERT_TRUE(line);
  EXPECT_EQ(line->option("subject"), "--json") << "a value may look like an option";
  EXPECT_EQ(line->option("until"), "now=x");
  EXPECT_EQ(line->words, (std::vector<std::string>{"revoke", "demo"}));
  EXPECT_TRUE(parse({"revoke", "--accept-loss"})->has("accept-loss"));
  for (const auto& words : {std::vector<std::string_view>{"revoke", "--jti"},
                            {"revoke", "--jti", "a", "--jti=b"},
                            {"revoke", "-jti", "a"},
                            {"revoke", "--=a"},
                            {"revoke", "--jtix=secret-1"},
                            {"revoke", "-=a"}}) {
    const auto refused = parse(words);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().text.find("secret-1"), std::string::npos);
  }
}

}  // namespace
}  // namespace bearerd::ctl
