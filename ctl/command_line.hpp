// What the caller asked for.
#pragma once

#include <map>
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
  std::map<std::string, std::string, std::less<>> options;  // of revoke: "jti", "until", … without their dashes
  bool accepts_loss = false;                                // of revoke
  bool wants_json = false, wants_help = false, wants_version = false;
};

// Options may stand anywhere; "--" ends them. `socket_variable` is the value of $BEARERCTL_SOCKET, empty when unset.
[[nodiscard]] base::Result<CommandLine> parse_command_line(std::span<const std::string_view> words,
                                                           std::string_view socket_variable);

}  // namespace bearerd::ctl
