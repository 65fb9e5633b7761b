// bearerd-plugin-check as a command.
#pragma once

#include <iosfwd>
#include <span>
#include <string_view>

#include "ctl/terminal.hpp"

namespace bearerd::check {

// Exit statuses, as bearerctl has them.
inline constexpr int kExitPassed = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitTrouble = 2;  // bad command line, unreadable file, or settings are needed

// Only from a process with one thread.
[[nodiscard]] int run(std::span<const std::string_view> words, std::ostream& out, std::ostream& err,
                      const ctl::Look& look);

}  // namespace bearerd::check
