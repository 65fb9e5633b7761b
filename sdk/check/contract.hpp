// The contract of docs/plugin-abi.md as checks that a built plugin passes or fails.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/check/finding.hpp"

namespace bearerd::check {

// What is checked.
struct Subject {
  std::string file;  // NAME.so
  std::string name;
  std::string settings;                     // the entry, JSON; the usual one when the author gave none
  bool has_own_settings = false;            // the author gave them
  std::optional<std::string> claims;        // of a token that must be accepted, JSON
  std::string only;                         // this check and what it needs; empty: all
  std::string type = "JWT";                 // its header's `typ`
  std::chrono::milliseconds limit{10'000};  // for each check
};

struct Row {
  std::string_view name;
  Finding finding;
};

struct Report {
  std::string plugin;
  std::vector<Row> rows;
  std::string errors;          // what a plugin that crashed had to say
  bool is_incomplete = false;  // most of it can't be checked without settings
  [[nodiscard]] bool has_failed() const noexcept;
};

[[nodiscard]] bool is_check(std::string_view name) noexcept;

// Only from a process with one thread. Each check is made in a process of its own, with the plugin loaded anew.
[[nodiscard]] Report check_contract(const Subject& subject);

}  // namespace bearerd::check
