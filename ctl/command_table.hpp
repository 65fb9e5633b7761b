// Every command and option of bearerctl, once: the parser, the help, the completions and the man page are made of it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/commands.hpp"

namespace bearerd::ctl {

// `value` is how the help calls what follows, and says what a shell may offer there: "FILE" and "PATH" are files,
// "a|b|c" are these words, "PROXY", "ALGORITHM" and "REASON" those that we know, everything else is the caller's own.
// Empty: the option is a switch.
struct Option {
  std::string_view name;  // without its dashes
  std::string_view value;
  std::string_view help;
  bool is_repeatable = false;
};

struct Command {
  std::string_view name;       // one word or two: "token sign"
  std::string_view arguments;  // as `Option::value`, in square brackets when they may be left out
  std::size_t max_arguments = 0;
  std::string_view help;
  std::span<const Option> options;
  int (*run)(const CommandLine&, Output&) = nullptr;
};

[[nodiscard]] std::span<const Command> all_commands() noexcept;
// Of every command.
[[nodiscard]] std::span<const Option> common_options() noexcept;

// An option has the same form with every command that takes it, so it can be read before the command is known.
[[nodiscard]] const Option* find_option(std::string_view name) noexcept;
// Of this command alone.
[[nodiscard]] const Option* find_option(const Command& command, std::string_view name) noexcept;

// Whether somebody who typed `word` may have meant `to`.
[[nodiscard]] bool is_close(std::string_view word, std::string_view to);
// "; did you mean --…?", or nothing, for an option that no command has.
[[nodiscard]] std::string meant_option(std::string_view name);

// The words that may stand for a value; none when it is no such choice. Square brackets are passed over.
[[nodiscard]] std::vector<std::string_view> choices_of(std::string_view value);
[[nodiscard]] bool is_file(std::string_view value) noexcept;

}  // namespace bearerd::ctl
