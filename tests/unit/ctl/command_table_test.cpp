#include "ctl/command_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "ctl/help.hpp"

namespace bearerd::ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, line.size());
  return widest;
}

TEST(CommandTable, an_option_has_the_same_form_with_every_command_that_takes_it) {
  std::map<std::string_view, bool> is_switch;
  for (const Option& option : common_options()) is_switch[option.name] = option.value.empty();
  for (const Command& command : all_commands()) {
    for (const Option& option : command.options) {
      const auto [known, is_new] = is_switch.emplace(option.name, option.value.empty());
      EXPECT_EQ(known->second, option.value.empty()) << command.name << " --" << option.name;
    }
  }
}

TEST(CommandTable, commands_stand_in_the_order_of_the_alphabet_and_say_what_they_do) {
  EXPECT_TRUE(std::ranges::is_sorted(all_commands(), {}, &Command::name));
  for (const Command& command : all_commands()) {
    EXPECT_NE(command.run, nullptr) << command.name;
    EXPECT_FALSE(command.help.empty()) << command.name;
    EXPECT_EQ(command.arguments.empty(), command.max_arguments == 0) << command.name;
    for (const Option& option : command.options) EXPECT_FALSE(option.help.empty()) << option.name;
  }
}

TEST(CommandTable, what_a_shell_may_offer_is_read_from_the_name_of_the_value) {
  EXPECT_THAT(choices_of("[bash|zsh]"), ElementsAre("bash", "zsh"));
  EXPECT_THAT(choices_of("PROXY"), testing::Contains("nginx"));
  EXPECT_THAT(choices_of("ALGORITHM"), testing::IsSupersetOf({"RS256", "EdDSA", "Ed25519", "HS512"}));
  EXPECT_THAT(choices_of("REASON"), testing::IsSupersetOf({"ok", "no_role", "internal"}));
  EXPECT_THAT(choices_of("FILE"), IsEmpty());
  EXPECT_TRUE(is_file("[FILE]") && is_file("FILE…") && is_file("PATH"));
  EXPECT_FALSE(is_file("TIME"));
}

TEST(CommandTable, help_fits_a_narrow_terminal_and_names_every_command_and_option) {
  for (const std::size_t terminal : {0U, 40U, 80U, 200U}) {
    const std::size_t width = terminal == 0 ? 80U : terminal;  // in a pipe
    std::ostringstream text;
    print_help(text, Look{false, terminal});
    EXPECT_LE(widest_line(text.str()), width);
    for (const Command& command : all_commands()) {
      EXPECT_THAT(text.str(), HasSubstr("\n  " + std::string(command.name)));
      std::ostringstream own;
      print_help(own, Look{false, terminal}, command);
      EXPECT_LE(widest_line(own.str()), width) << own.str();
      for (const Option& option : command.options) EXPECT_THAT(own.str(), HasSubstr(spelling(option)));
    }
  }
}

TEST(CommandTable, help_is_broken_between_words_below_itself_and_counts_characters) {
  const Command command{"say", "[WORD]", 1, "Ääää öööö says.", {}, nullptr};
  std::ostringstream text;
  print_help(text, Look{false, 20}, command);
  EXPECT_THAT(text.str(),
              testing::StartsWith("usage: bearerctl say\n       [WORD]\n       [OPTIONS]\n\nÄäää öööö says.\n"));
}

}  // namespace
}  // namespace bearerd::ctl
