// What GET /v1/status tells, gathered from the running parts.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/admin_calls.hpp"
#include "http/verify_listener.hpp"
#include "observe/log.hpp"
#include "runtime/reloader.hpp"

namespace bearerd::app {

struct StatusSources {
  std::shared_ptr<const runtime::Snapshot> snapshot;
  base::WallTime started_at{};
  const base::Clock* clock = nullptr;
  const observe::Log* log = nullptr;
  const http::VerifyListener* verify = nullptr;
  std::uint64_t cached_verdicts = 0, revocations = 0;
  std::map<std::string, std::uint64_t> decisions;  // by reason
  std::map<std::string, std::uint64_t> allows;     // by provider
  double decisions_per_second = 0;
  std::string usage_fault, revocations_fault;             // empty: none
  std::optional<runtime::ReloadReport> last_reload;       // absent: the control thread is busy
  std::vector<std::string> files;                         // of the settings; empty: the same
  std::optional<bool> is_log_level_set;                   // by a call; absent: the same
  std::map<std::string, std::string> certificate_faults;  // by setting: why a newer one is not in use
};

// In the order of the file.
[[nodiscard]] std::vector<http::ProviderStatus> provider_statuses(const runtime::Snapshot& snapshot,
                                                                  const std::map<std::string, std::uint64_t>& allows,
                                                                  base::SteadyTime now);
[[nodiscard]] http::StatusReport make_status_report(const StatusSources& sources);

}  // namespace bearerd::app
