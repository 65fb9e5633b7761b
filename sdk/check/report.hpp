// How a report is shown.
#pragma once

#include <string>

#include "ctl/terminal.hpp"
#include "sdk/check/contract.hpp"

namespace bearerd::check {

// A table for people, and what it comes to.
[[nodiscard]] std::string render_table(const Report& report, const ctl::Look& look);

// {"plugin", "passed", "checks": [{"name", "outcome": "passed" | "failed" | "skipped", "detail"}]}
[[nodiscard]] std::string render_json(const Report& report);

}  // namespace bearerd::check
