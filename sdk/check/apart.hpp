// Runs a check in a process of its own: what a plugin does there, crash, hang or leave, is seen and survived.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "sdk/check/finding.hpp"

namespace bearerd::check {

struct Apart {
  Finding finding;
  bool has_died = false;       // it did not come to its end: killed, hung or gone
  std::string output, errors;  // what was written to standard output and standard error, cut at 64 KiB
};

// Only from a process with one thread. After `limit` the check is killed and has failed.
[[nodiscard]] Apart run_apart(const std::function<Finding()>& check, std::chrono::milliseconds limit);

}  // namespace bearerd::check
