// POST /v1/settings/check: settings that are tried and not applied, and what they would change.
#pragma once

#include <ios>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/admin_request.hpp"
#include "runtime/candidate.hpp"
#include "settings/load.hpp"
#include "verify/recent_decisions.hpp"

namespace bearerd::http {

inline constexpr std::string_view kCheckPath = "/v1/settings/check";
inline constexpr std::size_t kMaxCheckBytes = 10 * 1024 * 1024;

struct CheckWish {
  std::string config_file;  // empty: the daemon's own
  settings::TrialFiles trial;
  bool is_compared = false;
};
// {"config_file", "files": {path: content}, "against_recent"}: all may be left out. kInvalid: the text says why.
[[nodiscard]] base::Result<CheckWish> parse_check(std::string_view body);

// `recent` null: not compared.
[[nodiscard]] std::string check_json(const runtime::Candidate& candidate, const verify::RecentDecisions* recent);

[[nodiscard]] AdminAnswer check_settings(const AdminCalls& calls, const AdminRequest& request);

}  // namespace bearerd::http
