// What the caller asked for.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace bearerd::ctl {

struct CommandLine {
  std::vector<std::string> words;      // that are no options: the command's one or two, and its arguments
  std::vector<std::string> arguments;  // without the command's own words, once the command is known
  std::string socket;                  // --socket, else $BEARERCTL_SOCKET, else where the unit puts it
  // Without their dashes, in the order given; a switch has an empty value. Only those of the command's row in the
  // table.
  std::multimap<std::string, std::string, std::less<>> options;
  bool wants_json = false, wants_help = false, wants_version = false;

  [[nodiscard]] bool has(std::string_view option) const { return options.contains(option); }
  [[nodiscard]] std::optional<std::string> option(std::string_view name) const;
};

// Options may stand anywhere; "--" ends them. `socket_variable` is the value of $BEARERCTL_SOCKET, empty when unset.
[[nodiscard]] base::Result<CommandLine> parse_command_line(std::span<const std::string_view> words,
                                                           std::string_view socket_variable);

}  // namespace bearerd::ctl
