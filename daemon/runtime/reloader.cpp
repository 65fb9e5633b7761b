#include "runtime/reloader.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "base/unique_number.hpp"

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

}  // namespace

std::string_view name(ReloadResult result) noexcept {
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
  // The watch began after the reading: what came in between is told by the stamps alone.
  if (watcher_.has_changed()) settle_at_ = options_.tools.clock->steady() + kSettle;
  now.result = apply(outcome, now.problems);
  // Providers stand in the static settings.
  if (outcome.settings != nullptr) outcome.is_static_faulty = now.result == ReloadResult::kRefused;
  report(std::move(now), outcome);
  return last_report_;
}

// Whatever goes wrong in here, the running snapshot goes on.
ReloadResult Reloader::apply(settings::LoadOutcome& outcome, std::vector<Problem>& problems) {
  try {
    if (outcome.settings == nullptr) {
      const auto count = static_cast<std::ptrdiff_t>(problems.size());
      judge_refused(*outcome.refused, *options_.tools.plugins, *options_.tools.clock, problems);
      outcome.is_static_faulty |= std::any_of(problems.begin() + count, problems.end(), [](const Problem& problem) {
        return problem.severity == settings::Severity::kFault;
      });
      return ReloadResult::kRefused;
    }
    BuildOutcome built = build_snapshot(outcome.settings, running_.get(), options_.tools);
    problems.insert(problems.end(), built.problems.begin(), built.problems.end());
    if (built.snapshot == nullptr) return ReloadResult::kRefused;
    if (is_unchanged(*built.snapshot)) return ReloadResult::kUnchanged;
    publish(std::move(built.snapshot), outcome);
    return ReloadResult::kApplied;
  } catch (const std::exception& error) {
    Problem problem;
    problem.path = "reload";
    problem.text = std::string("internal error while the settings were applied: ") + error.what();
    problems.push_back(std::move(problem));
    return ReloadResult::kRefused;
  }
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
    options_.log->set_level(level_override_.value_or(level_of(log.level)));
    options_.log->set_decisions(log.logs_allows, log.refusals_per_second);
  }
  replace_running(std::move(snapshot));
}

void Reloader::replace_running(std::shared_ptr<Snapshot> snapshot) {
  running_ = std::move(snapshot);
  if (auto retired = options_.snapshots->publish(running_)) retired_.push_back(std::move(retired));
}

std::shared_ptr<Snapshot> Reloader::copy_running() const {
  if (running_ == nullptr) return nullptr;
  auto copy = std::make_shared<Snapshot>(*running_);
  copy->serial = base::next_unique();
  return copy;
}

void Reloader::set_disabled(std::shared_ptr<const state::DisabledProviders> disabled) {
  options_.tools.disabled = std::move(disabled);
  auto copy = copy_running();
  if (copy == nullptr) return;
  copy->disabled = options_.tools.disabled;
  replace_running(std::move(copy));
}

void Reloader::override_log_level(std::optional<observe::Level> level) {
  level_override_ = level;
  if (options_.log == nullptr || running_ == nullptr) return;
  options_.log->set_level(level.value_or(level_of(running_->settings->log.level)));
}

void Reloader::flush_verdicts() {
  auto copy = copy_running();
  if (copy == nullptr) return;
  copy->epoch = base::next_unique();
  replace_running(std::move(copy));
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
  reports_.push_front(last_report_);
  if (reports_.size() > kKeptReports) reports_.pop_back();
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
  const bool is_poll = now >= next_poll_;
  if (watcher_.has_changed()) {
    reload("file");
  } else if (is_poll && last_report_.result == ReloadResult::kRefused) {
    reload("retry");  // what stood in the way may be gone: a full disk, a mode, a missing plugin
  } else {
    watcher_.renew();
    if (is_poll) next_poll_ = now + running_->settings->reload_poll;
  }
}

void Reloader::sweep() {
  // Only this thread hands the last reference back, so that plugins are unloaded here and nowhere else.
  std::erase_if(retired_, [](const std::shared_ptr<const Snapshot>& snapshot) { return snapshot.use_count() == 1; });
}

}  // namespace bearerd::runtime
