// What the caller asked for.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace bearerd::ctl {

struct CommandLine {
  std::string command;                 // empty: none was given
  std::vector<std::string> arguments;  // after it
  std::string socket;                  // --socket, else $BEARERCTL_SOCKET, else where the unit puts it
  bool wants_json = false, wants_help = false, wants_version = false;
};

// Options may stand anywhere; "--" ends them. `socket_variable` is the value of $BEARERCTL_SOCKET, empty when unset.
[[nodiscard]] base::Result<CommandLine> parse_command_line(std::span<const std::string_view> words,
                                                           std::string_view socket_variable);

}  // namespace bearerd::ctl
