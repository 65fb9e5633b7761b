// Takes changed settings in while running: load, build aside, publish, sweep. A faulty file changes nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "observe/log.hpp"
#include "runtime/builder.hpp"
#include "runtime/file_watcher.hpp"
#include "runtime/snapshot.hpp"
#include "settings/load.hpp"

namespace bearerd::runtime {

enum class ReloadResult : std::uint8_t { kApplied = 1, kUnchanged, kRefused };

// As logs and the admin API call it.
[[nodiscard]] std::string_view name(ReloadResult result) noexcept;

struct ReloadReport {
  ReloadResult result = ReloadResult::kRefused;
  std::uint64_t static_generation = 0, dynamic_generation = 0;
  std::vector<settings::Problem> problems;
  std::vector<std::string> needs_restart;  // settings whose change waits for a restart
  std::string cause;
  base::WallTime at{};
};

struct ReloaderOptions {
  std::string config_file;
  std::map<std::string, std::string> environment;
  SnapshotBox* snapshots = nullptr;
  BuildTools tools;
  observe::Log* log = nullptr;  // may be null (a check)
};

// Control thread only.
class Reloader {
 public:
  explicit Reloader(ReloaderOptions options);

  // Reads and checks everything; the first step of a start, before there is anything to build with. A reload does it by
  // itself.
  [[nodiscard]] const settings::LoadOutcome& load();
  // Loads (unless load() was just called), builds, publishes. `cause`: "start", "file", "retry", "signal", "admin".
  ReloadReport reload(std::string_view cause);
  [[nodiscard]] const ReloadReport& last_report() const noexcept { return last_report_; }
  // The last ones, newest first.
  [[nodiscard]] const std::deque<ReloadReport>& reports() const noexcept { return reports_; }
  // That the last load read or looked for, in order of naming: the static settings are the first.
  [[nodiscard]] std::vector<std::string> files() const { return watcher_.paths(); }
  // From now on and over reloads: the tokens of these providers are refused. Published before it returns.
  void set_disabled(std::shared_ptr<const state::DisabledProviders> disabled);
  // Forgets every remembered verdict, by publishing the same world under another epoch.
  void flush_verdicts();
  // The least level that is logged, whatever the settings say; nothing: the settings' again.
  void override_log_level(std::optional<observe::Level> level);
  [[nodiscard]] bool overrides_log_level() const noexcept { return level_override_.has_value(); }
  void set_caller_secret(base::Secret secret) { options_.tools.caller_secret = std::move(secret); }

  // For the control loop: a descriptor to wait for, and when tick() wants to be called at the latest.
  [[nodiscard]] int watch_fd() const noexcept { return watcher_.fd(); }
  void on_watch_event();
  [[nodiscard]] base::SteadyTime next_tick() const;
  // Reloads when files changed; frees retired snapshots that no request holds any more.
  void tick();

 private:
  [[nodiscard]] ReloadResult apply(settings::LoadOutcome& outcome, std::vector<settings::Problem>& problems);
  static constexpr std::size_t kKeptReports = 32;
  // The running snapshot, to publish anew with a change that is in no file; null before the first.
  [[nodiscard]] std::shared_ptr<Snapshot> copy_running() const;
  void replace_running(std::shared_ptr<Snapshot> snapshot);
  void publish(std::shared_ptr<Snapshot> snapshot, const settings::LoadOutcome& outcome);
  [[nodiscard]] bool is_unchanged(const Snapshot& snapshot) const;
  void report(ReloadReport report, const settings::LoadOutcome& outcome);
  void sweep();

  ReloaderOptions options_;
  FileWatcher watcher_;
  std::optional<settings::LoadOutcome> loaded_;
  std::shared_ptr<const Snapshot> running_;
  std::vector<std::shared_ptr<const Snapshot>> retired_;
  std::optional<observe::Level> level_override_;
  ReloadReport last_report_;
  std::deque<ReloadReport> reports_;
  std::optional<base::SteadyTime> settle_at_;  // a change was seen; look when it has settled
  base::SteadyTime next_poll_{};
};

}  // namespace bearerd::runtime
