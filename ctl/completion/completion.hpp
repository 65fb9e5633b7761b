// What a shell offers while a bearerctl command is typed, made of the table of commands.
#pragma once

#include <string>

#include "ctl/commands.hpp"

namespace bearerd::ctl {

[[nodiscard]] std::string bash_completion();
[[nodiscard]] std::string zsh_completion();

// "completion bash|zsh"; asks no daemon.
[[nodiscard]] int run_completion(const CommandLine& line, Output& output);

}  // namespace bearerd::ctl
