// bearerd --check: everything that a start would find wrong, without starting.
#pragma once

#include <string>

#include "app/directories.hpp"

namespace bearerd::app {

// Prints every problem to standard output, a summary to standard error; the exit code.
[[nodiscard]] int check_settings(const std::string& config_file, const Environment& environment, bool is_online);

}  // namespace bearerd::app
