// The admin API's answers as JSON: names in snake_case, times in RFC 3339, members always there (null when unknown).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/admin_calls.hpp"

namespace bearerd::http {

[[nodiscard]] std::string to_json(const StatusReport& report);
[[nodiscard]] std::string to_json(const ReloadReport& report);

// application/problem+json (RFC 9457). `code` is stable; `title` and `detail` are for people.
struct HttpProblem {
  int status = 500;
  std::string_view code, title;
  std::string detail;
  std::vector<settings::Problem> problems;
};
[[nodiscard]] std::string to_json(const HttpProblem& problem);

}  // namespace bearerd::http
