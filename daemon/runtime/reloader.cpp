#include "runtime/reloader.hpp"

#include <algorithm>
#include <utility>

namespace bearerd::runtime {
namespace {

using settings::Problem;
using settings::Severity;

// Long enough for an editor to finish its renames, short beside the second within which a change applies.
constexpr std::chrono::milliseconds kSettle{100};
constexpr std::chrono::seconds kSweepEvery{1};

observe::Level level_of(settings::LogLevel level) { return static_cast<observe::Level>(level); }

void log_problem(observe::Log& log, const Problem& problem) {
  log.write(problem.severity == Severity::kFault ? observe::Level::kError : observe::Level::kWarning,
            "settings_problem", problem.text,
            {{"file", std::string_view(problem.where.file)},
             {"line", static_cast<std::int64_t>(problem.where.line)},
             {"column", static_cast<std::int64_t>(problem.where.column)},
             {"path", std::string_view(problem.path)}});
}

std::string_view name(ReloadResult result) {
  switch (result) {
    case ReloadResult::kApplied:
      return "applied";
    case ReloadResult::kUnchanged:
      return "unchanged";
    case ReloadResult::kRefused:
      break;
  }
  return "refused";
}

}  // namespace

Reloader::Reloader(ReloaderOptions options) : options_(std::move(options)) {}

const settings::LoadOutcome& Reloader::load() {
  options_.tools.plugins->begin_generation();
  settings::LoadRequest request;
  request.config_file = options_.config_file;
  request.environment = options_.environment;
  request.plugin_schemas = options_.tools.plugins;
  request.running = running_ != nullptr ? running_->settings.get() : nullptr;
  loaded_ = settings::load(request);
  return *loaded_;
}

ReloadReport Reloader::reload(std::string_view cause) {
  if (!loaded_) static_cast<void>(load());
  settings::LoadOutcome outcome = std::exchange(loaded_, std::nullopt).value();
  ReloadReport now;
  now.cause = cause;
  now.problems = outcome.problems;
  now.needs_restart = outcome.needs_restart;
  // Watched whatever came of it, so that mending a faulty file is seen.
  watcher_.watch(outcome.files);
  settle_at_.reset();
  if (outcome.settings != nullptr) {
    BuildOutcome built = build_snapshot(outcome.settings, running_.get(), options_.tools);
    now.problems.insert(now.problems.end(), built.problems.begin(), built.problems.end());
    if (built.snapshot != nullptr && is_unchanged(*built.snapshot)) {
      now.result = ReloadResult::kUnchanged;
    } else if (built.snapshot != nullptr) {
      now.result = ReloadResult::kApplied;
      publish(std::move(built.snapshot), outcome);
    } else {
      outcome.is_static_faulty = true;  // providers stand in the static settings
    }
  }
  report(std::move(now), outcome);
  return last_report_;
}

bool Reloader::is_unchanged(const Snapshot& snapshot) const {
  return running_ != nullptr && running_->settings->static_digest == snapshot.settings->static_digest &&
         running_->settings->dynamic_digest == snapshot.settings->dynamic_digest &&
         running_->providers == snapshot.providers;
}

void Reloader::publish(std::shared_ptr<Snapshot> snapshot, const settings::LoadOutcome& outcome) {
  const bool is_dynamic_changed =
      running_ == nullptr || running_->settings->dynamic_digest != outcome.settings->dynamic_digest;
  const bool is_static_changed = running_ == nullptr ||
                                 running_->settings->static_digest != outcome.settings->static_digest ||
                                 running_->providers != snapshot->providers;
  snapshot->static_generation = (running_ != nullptr ? running_->static_generation : 0) + (is_static_changed ? 1 : 0);
  snapshot->dynamic_generation =
      (running_ != nullptr ? running_->dynamic_generation : 0) + (is_dynamic_changed ? 1 : 0);
  if (options_.log != nullptr) {
    const settings::LogSettings& log = snapshot->settings->log;
    options_.log->set_level(level_of(log.level));
    options_.log->set_decisions(log.logs_allows, log.refusals_per_second);
  }
  running_ = std::move(snapshot);
  tell_plugins();
  if (auto retired = options_.snapshots->publish(running_)) retired_.push_back(std::move(retired));
}

// A replaced plugin's series goes when the new one's comes.
void Reloader::tell_plugins() {
  std::vector<PluginSeries> now;
  for (const plugin::PluginDescription& plugin : options_.tools.plugins->loaded())
    now.push_back({plugin.name, plugin.version, plugin.abi});
  const auto set = [&](const PluginSeries& series, bool is_loaded) {
    options_.tools.metrics->set_plugin(series.plugin, series.version, series.abi, is_loaded);
  };
  for (const PluginSeries& old : told_plugins_) {
    if (std::find(now.begin(), now.end(), old) == now.end()) set(old, false);
  }
  for (const PluginSeries& series : now) set(series, true);
  told_plugins_ = std::move(now);
}

void Reloader::report(ReloadReport report, const settings::LoadOutcome& outcome) {
  report.at = options_.tools.clock->wall();
  report.static_generation = running_ != nullptr ? running_->static_generation : 0;
  report.dynamic_generation = running_ != nullptr ? running_->dynamic_generation : 0;
  next_poll_ = options_.tools.clock->steady() +
               (running_ != nullptr ? running_->settings->reload_poll : std::chrono::milliseconds(60'000));
  const bool is_refused = report.result == ReloadResult::kRefused;
  observe::Metrics& metrics = *options_.tools.metrics;
  // A fault in one kind keeps the other back too (nothing is applied by halves), but only the faulty kind is blamed.
  if (!is_refused || outcome.is_static_faulty)
    metrics.count_reload(observe::ConfigKind::kStatic, !is_refused, report.at);
  if (!is_refused || outcome.is_dynamic_faulty)
    metrics.count_reload(observe::ConfigKind::kDynamic, !is_refused, report.at);
  metrics.set_generation(observe::ConfigKind::kStatic, report.static_generation);
  metrics.set_generation(observe::ConfigKind::kDynamic, report.dynamic_generation);
  if (options_.log != nullptr) {
    for (const Problem& problem : report.problems) log_problem(*options_.log, problem);
    for (const std::string& path : report.needs_restart) {
      options_.log->write(observe::Level::kWarning, "settings_need_restart",
                          "changed, but read at start only: restart to apply it", {{"path", std::string_view(path)}});
    }
    options_.log->write(
        is_refused ? observe::Level::kError : observe::Level::kNotice, "reload",
        is_refused ? (running_ != nullptr ? "settings refused; the last good ones stay in force" : "settings refused")
                   : "settings taken in",
        {{"result", name(report.result)},
         {"cause", std::string_view(report.cause)},
         {"static_generation", static_cast<std::int64_t>(report.static_generation)},
         {"dynamic_generation", static_cast<std::int64_t>(report.dynamic_generation)}});
  }
  last_report_ = std::move(report);
}

void Reloader::on_watch_event() {
  watcher_.drain();
  if (!settle_at_) settle_at_ = options_.tools.clock->steady() + kSettle;
}

base::SteadyTime Reloader::next_tick() const {
  base::SteadyTime next = next_poll_;
  if (settle_at_) next = std::min(next, *settle_at_);
  if (!retired_.empty()) next = std::min(next, options_.tools.clock->steady() + kSweepEvery);
  return next;
}

void Reloader::tick() {
  const base::SteadyTime now = options_.tools.clock->steady();
  sweep();
  const bool is_settled = settle_at_ && now >= *settle_at_;
  if (!is_settled && now < next_poll_) return;
  settle_at_.reset();
  if (watcher_.has_changed()) {
    reload("file");
  } else {
    next_poll_ = now + running_->settings->reload_poll;
  }
}

void Reloader::sweep() {
  // Only this thread hands the last reference back, so that plugins are unloaded here and nowhere else.
  std::erase_if(retired_, [](const std::shared_ptr<const Snapshot>& snapshot) { return snapshot.use_count() == 1; });
}

}  // namespace bearerd::runtime
