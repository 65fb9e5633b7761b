// What the admin listener asks of the rest of the daemon, as plain values: it knows neither the reloader nor the key
// store.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/no_answer.hpp"
#include "http/peer.hpp"
#include "observe/log.hpp"
#include "plugin/instance.hpp"
#include "runtime/candidate.hpp"
#include "runtime/reloader.hpp"
#include "runtime/snapshot.hpp"
#include "settings/load.hpp"
#include "state/limit_table.hpp"
#include "state/revocation_store.hpp"
#include "state/usage_store.hpp"
#include "verify/recent_decisions.hpp"
#include "verify/worker.hpp"

namespace bearerd::http {

using runtime::ReloadReport;
using runtime::ReloadResult;

// Who calls, and what they may do.
struct AdminCaller {
  Rights rights;
  std::optional<Peer> peer;             // on the UNIX socket
  std::string provider, user_key, key;  // over TCP: who vouches, the logs' salted hash (may be empty), Identity::caller
};

struct KeySourceStatus {
  std::string issuer, url;  // empty: all of the provider's; from files
  keys::KeySourceStatus keys;
  std::vector<std::string> files;  // without a URL
  std::vector<std::string> kids;   // of the keys that have one
};

struct ProviderStatus {
  std::string name, plugin, plugin_version;
  runtime::ProviderReadiness readiness = runtime::ProviderReadiness::kWaiting;
  bool is_optional = false;
  bool is_stale = false;
  std::size_t key_count = 0;
  std::optional<base::WallTime> last_success;  // of fetching keys
  std::string last_error;                      // empty: none; no secret
  std::vector<std::string> issuers, audiences, algorithms;
  std::string issuer_pattern;          // empty: none
  std::vector<std::string> unchecked;  // checks that the settings leave out
  std::uint64_t allowed = 0;           // requests that its tokens were good for, since the start
  std::uint64_t epoch = 0;             // another one: its remembered verdicts are gone
  std::vector<KeySourceStatus> sources;
};

struct StatusReport {
  std::string version, revision;
  pid_t pid = 0;
  base::WallTime started_at{};
  std::chrono::seconds uptime{0};
  bool is_ready = false;
  std::uint64_t static_generation = 0, dynamic_generation = 0;
  std::optional<ReloadReport> last_reload;
  std::vector<std::string> files;  // of the settings, as last read, the static ones first; empty: not known now
  std::vector<ProviderStatus> providers;
  std::vector<std::string> listeners;  // "verify 127.0.0.1:9180", …
  std::uint64_t cached_verdicts = 0;
  std::uint64_t revocations = 0;  // in force, as they are listed
  std::uint64_t dropped_log_lines = 0;
  observe::Level log_level = observe::Level::kInfo;  // in force
  std::optional<bool> is_log_level_set;              // by a call, whatever the settings say; absent: not known now
  std::map<std::string, std::uint64_t> decisions;    // by reason, since the start
  double decisions_per_second = 0;                   // lately
  std::vector<std::string> warnings;                 // what an operator should know now
};

enum class RefreshResult : std::uint8_t {
  kFetched = 1,
  kFailed,
  kPending,         // not over within the time that a call may take
  kNothingToFetch,  // the keys are from files, or there are none
};

struct PluginStatus {
  plugin::PluginDescription plugin;
  std::vector<std::string> providers;  // that it serves
};

struct LogLevelWish {
  std::optional<observe::Level> level;           // nothing: what the settings say
  std::optional<std::chrono::seconds> duration;  // nothing: until the next restart
};

// Called by the listener's threads, several at once. May block. What is Controlled is done by the control thread, which
// may be busy.
struct AdminCalls {
  std::function<StatusReport()> status;
  std::function<Controlled<ReloadReport>()> reload;
  // Newest first.
  std::function<Controlled<std::vector<ReloadReport>>()> reloads;
  std::function<std::vector<ProviderStatus>()> providers;
  // Of a provider that there is.
  std::function<RefreshResult(const std::string&)> refresh;
  // Of a provider that there is. On disk and in force when it returns; an error changes nothing.
  std::function<Controlled<base::Result<void>>(const std::string&, bool is_enabled)> set_enabled;
  // Those that serve, by name.
  std::function<std::vector<PluginStatus>()> plugins;
  // One that serves as it serves; another as it is in the directories.
  std::function<Controlled<base::Result<PluginStatus>>(const std::string&)> plugin;
  std::function<std::shared_ptr<const settings::Settings>()> settings;
  std::function<Controlled<bool>(const LogLevelWish&)> set_log_level;
  // How many verified tokens were remembered.
  std::function<Controlled<std::uint64_t>()> flush_cache;
  // Of the running settings.
  std::function<std::shared_ptr<const state::LimitTable>()> limits;
  state::UsageStore* usage = nullptr;
  state::RevocationStore* revocations = nullptr;
  // Whether the running settings have a provider of this name.
  std::function<bool(const std::string&)> has_provider;
  // Tries settings without applying them. `config_file` empty: the daemon's own.
  std::function<Controlled<runtime::Candidate>(const std::string& config_file, const settings::TrialFiles&)>
      try_settings;
  const verify::RecentDecisions* recent = nullptr;
  // One of its own for each question, so that explanations neither wait for nor influence one another.
  std::function<std::unique_ptr<verify::Worker>()> explaining_worker;
  const base::Clock* clock = nullptr;
};

}  // namespace bearerd::http
