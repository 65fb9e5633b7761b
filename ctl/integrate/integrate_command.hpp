// "integrate PROXY": a proxy's configuration for this daemon.
#pragma once

#include "ctl/commands.hpp"

namespace bearerd::ctl {

// 0: printed or written. Asks the daemon where it listens unless --verify says so; without an answer the addresses are
// those of the shipped units, and standard error says it.
[[nodiscard]] int run_integrate(const CommandLine& line, Output& output);

}  // namespace bearerd::ctl
