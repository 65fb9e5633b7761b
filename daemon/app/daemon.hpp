// The life of the process: load, bind, serve, reload, drain.
#pragma once

#include <string>

#include "app/directories.hpp"

namespace bearerd::app {

// Returns when the daemon was asked to stop, or could not start: the exit code.
[[nodiscard]] int run_daemon(const std::string& config_file, const Environment& environment);

}  // namespace bearerd::app
