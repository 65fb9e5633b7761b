// What the admin listener asks of the rest of the daemon, as plain values: it knows neither the reloader nor the key
// store.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "runtime/reloader.hpp"
#include "runtime/snapshot.hpp"
#include "settings/load.hpp"
#include "state/limit_table.hpp"
#include "state/revocation_store.hpp"
#include "state/usage_store.hpp"
#include "verify/worker.hpp"

namespace bearerd::http {

using runtime::ReloadReport;
using runtime::ReloadResult;

struct ProviderStatus {
  std::string name, plugin, plugin_version;
  runtime::ProviderReadiness readiness = runtime::ProviderReadiness::kWaiting;
  bool is_optional = false;
  bool is_stale = false;
  std::size_t key_count = 0;
  std::optional<base::WallTime> last_success;  // of fetching keys
  std::string last_error;                      // empty: none; no secret
};

struct StatusReport {
  std::string version, revision;
  pid_t pid = 0;
  base::WallTime started_at{};
  std::chrono::seconds uptime{0};
  bool is_ready = false;
  std::uint64_t static_generation = 0, dynamic_generation = 0;
  std::optional<ReloadReport> last_reload;
  std::vector<ProviderStatus> providers;
  std::vector<std::string> listeners;  // "verify 127.0.0.1:9180", …
  std::uint64_t cached_verdicts = 0;
  std::uint64_t dropped_log_lines = 0;
  std::vector<std::string> warnings;  // what an operator should know now
};

// Called by the listener's threads, several at once; `reload` by one at a time. May block.
struct AdminCalls {
  std::function<StatusReport()> status;
  std::function<ReloadReport()> reload;
  // Of the running settings.
  std::function<std::shared_ptr<const state::LimitTable>()> limits;
  state::UsageStore* usage = nullptr;
  state::RevocationStore* revocations = nullptr;
  // Whether the running settings have a provider of this name.
  std::function<bool(const std::string&)> has_provider;
  // One of its own for each question, so that explanations neither wait for nor influence one another.
  std::function<std::unique_ptr<verify::Worker>()> explaining_worker;
  const base::Clock* clock = nullptr;
};

}  // namespace bearerd::http
