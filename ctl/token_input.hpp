// The token that a command is about, from where it may come: never from the command line, which everybody can read.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "ctl/commands.hpp"

namespace bearerd::ctl {

// All of the file that is the first argument, else ("-" or none) of standard input: one line of it at a terminal.
// kTooLarge: more than any token that bearerd takes. No error repeats a token.
[[nodiscard]] base::Result<base::Secret> read_token(const CommandLine& line, Output& output);

// Without what people paste with it: space around it, and before a token its scheme.
[[nodiscard]] std::string_view without_space(std::string_view text);
[[nodiscard]] std::string_view bare_token(std::string_view text);

}  // namespace bearerd::ctl
