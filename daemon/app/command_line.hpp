// What bearerd is asked to do when it is started.
#pragma once

#include <string>

#include "base/result.hpp"

namespace bearerd::app {

struct CommandLine {
  std::string config_file;  // empty: look it up
  bool is_check = false;    // load everything, print every fault, open nothing
  bool is_online = false;   // with is_check: try discovery and key URLs too
  bool wants_version = false;
  bool wants_help = false;
};

// The error's text is for standard error, with the mend.
[[nodiscard]] base::Result<CommandLine> parse_command_line(int argc, char** argv);
[[nodiscard]] std::string usage();
[[nodiscard]] std::string version_line();

}  // namespace bearerd::app
