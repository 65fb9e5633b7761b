// What the admin API asks of the running daemon, beside its status: providers, plugins, reloads.
#pragma once

#include <atomic>
#include <optional>

#include "app/control_queue.hpp"
#include "base/clock.hpp"
#include "http/admin_calls.hpp"
#include "observe/metrics.hpp"
#include "plugin/instance.hpp"
#include "runtime/reloader.hpp"
#include "state/disabled_providers.hpp"

namespace bearerd::app {

// How long a log level that was set by a call lasts. Control thread only.
struct LogLevelTerm {
  std::optional<base::SteadyTime> end;
};

// All outlive the calls that are made of them.
struct OperatorTools {
  const runtime::SnapshotBox* snapshots = nullptr;
  runtime::Reloader* reloader = nullptr;
  plugin::Loader* loader = nullptr;
  ControlQueue* control = nullptr;
  const base::Clock* clock = nullptr;
  state::DisabledStore* disabled = nullptr;
  LogLevelTerm* log_level = nullptr;
  const std::atomic<std::int64_t>* cached_verdicts = nullptr;
  const observe::Metrics* metrics = nullptr;
};

// Sets those of `calls` that need nothing but the tools.
void add_operator_calls(http::AdminCalls& calls, const OperatorTools& tools);

}  // namespace bearerd::app
