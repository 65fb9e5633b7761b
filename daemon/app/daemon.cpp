#include "app/daemon.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "app/control_queue.hpp"
#include "app/decision_rate.hpp"
#include "app/exit_code.hpp"
#include "app/gauges.hpp"
#include "app/operator_calls.hpp"
#include "app/passed_sockets.hpp"
#include "app/process_limits.hpp"
#include "app/status_report.hpp"
#include "app/systemd.hpp"
#include "app/version.hpp"
#include "http/admin_listener.hpp"
#include "http/metrics_listener.hpp"
#include "http/verify_listener.hpp"
#include "keys/key_store.hpp"
#include "net/https_fetcher.hpp"
#include "observe/journal.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "runtime/reloader.hpp"
#include "state/embedded_store.hpp"
#include "state/redis_revocations.hpp"
#include "state/redis_store.hpp"
#include "state/revocation_store.hpp"
#include "state/state_key.hpp"
#include "verify/admin_guard.hpp"
#include "verify/decision_worker.hpp"

namespace bearerd::app {
namespace {

constexpr std::chrono::seconds kLongestWait{1};  // the control loop turns at least so often
constexpr std::chrono::seconds kHungAfter{5};    // an event loop turns at least once a second
constexpr std::chrono::seconds kReloadPatience{30};
constexpr std::chrono::seconds kStatusPatience{5};

// Standard error goes to the journal when its device and inode are those of $JOURNAL_STREAM.
bool is_journal(const Environment& environment) {
  const auto stream = environment.find("JOURNAL_STREAM");
  struct stat status = {};
  if (stream == environment.end() || ::fstat(STDERR_FILENO, &status) != 0) return false;
  return stream->second == std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

observe::Format format_of(settings::LogFormat format) {
  using settings::LogFormat;
  const bool is_text = format == LogFormat::kText || (format == LogFormat::kAuto && ::isatty(STDERR_FILENO) == 1);
  return is_text ? observe::Format::kText : observe::Format::kJson;
}

observe::Log::Options log_options(const Environment& environment, const base::Clock& clock) {
  observe::Log::Options options;
  options.format = format_of(settings::LogFormat::kAuto);
  options.has_priority_prefix = is_journal(environment);
  if (options.has_priority_prefix) options.journal = observe::Journal::kSocket;
  options.clock = &clock;
  return options;
}

sigset_t handled_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&signals, signal);
  return signals;
}

std::uint64_t microseconds_of(base::WallTime time) {
  using std::chrono::microseconds;
  return static_cast<std::uint64_t>(std::chrono::floor<microseconds>(time.time_since_epoch()).count());
}

// Members are in the order of their making; they end in the reverse: first nobody asks any more, then what answered
// goes.
class Daemon {
 public:
  Daemon(std::string config_file, const Environment& environment, base::Result<PassedSockets> passed)
      : config_file_(std::move(config_file)),
        environment_(environment),
        passed_(std::move(passed)),
        cache_directory_(cache_directory(environment)),
        cache_fault_(make_private_directory(cache_directory_)),
        log_(log_options(environment, clock_)) {
    runtime::ReloaderOptions options;
    options.config_file = config_file_;
    options.environment = environment;
    options.snapshots = &snapshots_;
    const std::string cache = cache_fault_ ? cache_directory_ : std::string();
    loader_ = std::make_unique<plugin::Loader>(plugin::LoaderOptions{cache, &log_});
    gauges_ = std::make_unique<Gauges>(metrics_);
    store_ = std::make_unique<keys::KeyStore>(keys::KeyStoreOptions{cache, &clock_, &fetcher_, &log_, &metrics_});
    options.tools.plugins = loader_.get();
    options.tools.metrics = &metrics_;
    options.tools.clock = &clock_;
    options.tools.open_keys = [this](const keys::KeySourceSettings& source) { return store_->open(source); };
    options.tools.fetcher = &fetcher_;
    options.tools.log = &log_;
    options.log = &log_;
    reloader_ = std::make_unique<runtime::Reloader>(std::move(options));
  }

  int run() {
    if (const int code = start(); code != kClean) {
      log_.flush();
      return code;
    }
    systemd_.ready(status_text());
    serve();
    stop();
    return kClean;
  }

 private:
  int start() {
    const sigset_t signals = handled_signals();
    signals_ = base::FileDescriptor(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!cache_fault_) {
      log_.write(observe::Level::kWarning, "no_cache", "nothing is kept on disk: " + cache_fault_.error().text);
    }
    raise_descriptor_limit();
    metrics_.set_build(kVersion, kRevision);
    metrics_.set_log_dropped([this] { return static_cast<double>(log_.dropped()); });
    metrics_.set_cache_entries([this] { return static_cast<double>(cached_verdicts_.load()); });
    const settings::LoadOutcome& loaded = reloader_->load();
    if (loaded.settings != nullptr) {
      log_.set_format(format_of(loaded.settings->log.format));
      if (!open_state(loaded.settings->state)) return kSettings;
    }
    if (reloader_->reload("start").result == runtime::ReloadResult::kRefused) return refuse_settings();
    open_counters();
    open_revocations();
    return open_listeners();
  }

  // Where the log lines are for machines, a person at the terminal still gets the list that --check prints.
  int refuse_settings() {
    log_.flush();
    for (const settings::Problem& problem : reloader_->last_report().problems) {
      if (problem.severity == settings::Severity::kFault) std::fprintf(stderr, "%s\n", problem.display().c_str());
    }
    return kSettings;
  }

  // False: what daemons share can't be shared without the key that they share.
  [[nodiscard]] bool open_state(const settings::State& state) {
    auto directory = make_private_directory(state.directory);
    auto key = directory ? state::open_state_key(state.key_file) : tl::make_unexpected(directory.error());
    if (!key && state.store == settings::StateStore::kRedis) {
      // Under a key of its own it would count every caller anew, and take tokens that its peers have revoked.
      log_.write(observe::Level::kError, "no_state_key",
                 "state.store is \"redis\", which needs the state key that all daemons share: " + key.error().text);
      return false;
    }
    if (!key) {
      log_.write(observe::Level::kWarning, "no_state_key",
                 "callers get other keys after each restart, and their counters are not kept: " + key.error().text);
      key = state::make_ephemeral_key();
    } else {
      usage_file_ = state.directory + "/usage.db";
      state_key_ = *key;
    }
    if (key) reloader_->set_caller_secret(std::move(*key));
    disabled_ = std::make_unique<state::DisabledStore>(state.directory);
    if (!disabled_->fault().empty()) log_.write(observe::Level::kError, "disabled_unreadable", disabled_->fault());
    reloader_->set_disabled(disabled_->current());
    return true;
  }

  void open_counters() {
    const settings::State& state = snapshots_.get()->settings->state;
    if (state.store == settings::StateStore::kRedis) {
      usage_ = std::make_unique<state::RedisStore>(state::RedisStoreOptions{*state.redis, &clock_, &log_, &metrics_});
    } else {
      usage_ =
          std::make_unique<state::EmbeddedStore>(state::EmbeddedStoreOptions{usage_file_, &clock_, &log_, &metrics_});
    }
    metrics_.set_usage_counters([store = usage_.get()] { return static_cast<double>(store->counters()); });
  }

  void open_revocations() {
    const settings::State& state = snapshots_.get()->settings->state;
    revocations_ = std::make_unique<state::RevocationStore>(
        state::RevocationStoreOptions{.directory = state.directory,
                                      .key = state_key_,
                                      .longest_token_life = state.longest_token_life,
                                      .clock = &clock_,
                                      .log = &log_,
                                      .metrics = &metrics_,
                                      .tick_every = std::chrono::seconds(1),
                                      .is_shared = state.store == settings::StateStore::kRedis});
    if (state.store != settings::StateStore::kRedis) return;
    shared_revocations_ = std::make_unique<state::RedisRevocations>(
        state::RedisRevocationsOptions{*state.redis, state_key_, &clock_}, *revocations_);
  }

  int open_listeners() {
    base::Result<void> opened = check_passed_sockets();
    if (opened) opened = open_metrics();
    if (opened) opened = open_verify();
    if (opened) opened = open_admin();
    if (!opened) return cannot_bind(opened.error());
    start_answering();
    return kClean;
  }

  base::Result<void> check_passed_sockets() {
    if (!passed_) return tl::make_unexpected(passed_.error());
    if (auto known = check_passed(*passed_, snapshots_.get()->settings->listen); !known) return known;
    if (passed_->count() > 0) {
      log_.write(observe::Level::kInfo, "sockets_passed", "listening sockets were taken over from the service manager",
                 {{"count", static_cast<std::int64_t>(passed_->count())}});
    }
    return {};
  }

  base::Result<void> open_metrics() {
    const auto settings = snapshots_.get()->settings;
    auto opened = http::MetricsListener::open(settings->listen.metrics, metrics_, std::move(passed_->metrics));
    if (!opened) return tl::make_unexpected(opened.error());
    metrics_listener_ = std::move(*opened);
    return {};
  }

  base::Result<void> open_verify() {
    const auto settings = snapshots_.get()->settings;
    http::VerifyListenerOptions options;
    options.listen = settings->listen;
    options.listen.threads = http::loop_count(settings->listen);
    options.listen.max_connections = std::min(settings->listen.max_connections, connection_limit());
    options.passed = std::move(passed_->verify);
    options.metrics = &metrics_;
    const std::size_t entries = settings->cache.verdict_entries / options.listen.threads;
    options.make_worker = [this, entries, loops = options.listen.threads](unsigned) -> std::unique_ptr<verify::Worker> {
      verify::WorkerOptions worker = worker_options();
      worker.log = &log_;
      worker.cache_entries = entries;
      worker.cached_verdicts = &cached_verdicts_;
      worker.recent = &recent_;
      worker.workers = loops;
      return std::make_unique<verify::DecisionWorker>(worker);
    };
    const std::string group = options.socket_group;
    auto opened = http::VerifyListener::open(std::move(options));
    if (!opened) return tl::make_unexpected(opened.error());
    verify_listener_ = std::move(*opened);
    warn_about_group(group);
    return {};
  }

  // Without a cache and a log: such a worker leaves nothing behind.
  verify::WorkerOptions worker_options() {
    verify::WorkerOptions options;
    options.snapshots = &snapshots_;
    options.clock = &clock_;
    options.metrics = &metrics_;
    options.usage = usage_.get();
    options.revocations = &revocations_->box();
    options.inquiries = &inquiries_;
    return options;
  }

  void warn_about_group(std::string_view group) {
    for (const std::string& path : verify_listener_->closed_to_group()) {
      log_.write(
          observe::Level::kWarning, "no_socket_group",
          "only root and the daemon's own user can ask here: the system has no such group; systemd-sysusers makes it",
          {{"address", std::string_view(path)}, {"group", group}});
    }
  }

  base::Result<void> open_admin() {
    const auto settings = snapshots_.get()->settings;
    guard_ = std::make_unique<verify::AdminGuard>(snapshots_, &revocations_->box(), clock_, &log_);
    http::AdminListener::Options options;
    options.addresses = settings->listen.admin;
    options.passed = std::move(passed_->admin);
    options.tls = settings->listen.admin_tls;
    options.guard = guard_.get();
    options.calls = admin_calls();
    options.log = &log_;
    options.metrics = &metrics_;
    auto opened = http::AdminListener::open(std::move(options));
    if (!opened) return tl::make_unexpected(opened.error());
    admin_listener_ = std::move(*opened);
    return {};
  }

  http::AdminCalls admin_calls() {
    http::AdminCalls calls;
    calls.status = [this] { return status(); };
    calls.reload = [this] {
      return calls_.run<runtime::ReloadReport>([this] { return reload("admin"); }, kReloadPatience);
    };
    add_operator_calls(calls, {&snapshots_, reloader_.get(), loader_.get(), &calls_, &clock_, disabled_.get(),
                               &log_level_term_, &cached_verdicts_, &metrics_});
    calls.usage = usage_.get();
    calls.revocations = revocations_.get();
    calls.try_settings = [this](const std::string& config_file, const settings::TrialFiles& trial) {
      return try_settings(config_file, trial);
    };
    calls.recent = &recent_;
    // Providers it asks as the loops do, and gets what they got.
    calls.explaining_worker = [this]() -> std::unique_ptr<verify::Worker> {
      return std::make_unique<verify::DecisionWorker>(worker_options());
    };
    return calls;
  }

  void start_answering() {
    verify_listener_->start();
    for (const settings::Address& address : verify_listener_->addresses()) {
      log_.write(observe::Level::kNotice, "listening", "answering proxies",
                 {{"address", std::string_view(address.display())}});
    }
  }

  int cannot_bind(const base::Error& error) {
    log_.write(observe::Level::kError, "cannot_bind", error.text);
    return error.code == base::ErrorCode::kInvalid ? kSettings : kCannotBind;  // kInvalid: no address, no certificate
  }

  void serve() {
    while (!is_stopping_) {
      enum : std::size_t { kSignals, kFiles, kCalls, kCount };
      std::array<pollfd, kCount> waits{};
      waits[kSignals] = {signals_.get(), POLLIN, 0};
      waits[kFiles] = {reloader_->watch_fd(), POLLIN, 0};
      waits[kCalls] = {calls_.fd(), POLLIN, 0};
      ::poll(waits.data(), waits.size(), milliseconds_to_wait());
      if (waits[kSignals].revents != 0) take_signals();
      if (waits[kFiles].revents != 0) reloader_->on_watch_event();
      if (waits[kCalls].revents != 0) calls_.run_all();
      end_log_level_term();
      reloader_->tick();
      log_.set_format(format_of(snapshots_.get()->settings->log.format));
      log_.tell_omitted();
      store_->sweep();
      renew_certificates();
      gauges_->update(*snapshots_.get(), clock_);
      sample_decisions();
      feed_watchdog();
    }
  }

  // A level that was set for some time is over.
  void end_log_level_term() {
    if (!log_level_term_.end || clock_.steady() < *log_level_term_.end) return;
    log_level_term_.end.reset();
    reloader_->override_log_level(std::nullopt);
  }

  // Once a turn, so at least once a second: two looks at the disk.
  void renew_certificates() {
    tell_renewal("listen.tls", verify_listener_->renew_certificate());
    tell_renewal("listen.adminTls", admin_listener_->renew_certificate());
  }

  void sample_decisions() {
    std::uint64_t total = 0;
    for (const auto& [reason, count] : metrics_.decisions_by_reason()) total += count;
    decision_rate_.sample(clock_.steady(), total);
  }

  void tell_renewal(std::string_view setting, const base::Result<bool>& renewed) {
    if (!renewed) {
      certificate_faults_.insert_or_assign(std::string(setting), renewed.error().text);
      log_.write(observe::Level::kError, "certificate_refused",
                 "the certificate in use stays in use: " + std::string(setting) + ": " + renewed.error().text);
    } else if (*renewed) {
      certificate_faults_.erase(std::string(setting));
      log_.write(observe::Level::kNotice, "certificate_renewed", "new connections get the new certificate");
    }
  }

  [[nodiscard]] int milliseconds_to_wait() const {
    using std::chrono::milliseconds;
    const auto until_tick = std::chrono::ceil<milliseconds>(reloader_->next_tick() - clock_.steady());
    return static_cast<int>(std::clamp<milliseconds>(until_tick, milliseconds(0), kLongestWait).count());
  }

  void take_signals() {
    signalfd_siginfo info = {};
    while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
      if (info.ssi_signo == SIGHUP) {
        reload("signal");
      } else {
        is_stopping_ = true;
      }
    }
  }

  runtime::ReloadReport reload(std::string_view cause) {
    runtime::ReloadReport report = reloader_->reload(cause);
    systemd_.status(status_text());
    return report;
  }

  http::Controlled<runtime::Candidate> try_settings(const std::string& config_file, const settings::TrialFiles& trial) {
    return calls_.run<runtime::Candidate>(
        [this, file = config_file.empty() ? config_file_ : config_file, trial] {
          const auto running = snapshots_.get();
          return runtime::try_settings({file, environment_, trial, *running, *loader_, clock_});
        },
        kReloadPatience);
  }

  http::StatusReport status() {
    StatusSources sources;
    sources.snapshot = snapshots_.get();
    sources.started_at = started_at_;
    sources.clock = &clock_;
    sources.log = &log_;
    sources.verify = verify_listener_.get();
    sources.cached_verdicts = static_cast<std::uint64_t>(std::max<std::int64_t>(0, cached_verdicts_.load()));
    sources.revocations = revocations_->box().get()->count_in_force(state::second_of(clock_.wall()));
    sources.usage_fault = usage_->fault();
    sources.revocations_fault = revocations_->fault();
    sources.decisions = metrics_.decisions_by_reason();
    sources.decisions_per_second = decision_rate_.per_second();
    sources.allows = metrics_.allows_by_provider();
    using Told = std::tuple<runtime::ReloadReport, std::vector<std::string>, bool, std::map<std::string, std::string>>;
    const auto tell = [this] {
      return Told(reloader_->last_report(), reloader_->files(), reloader_->overrides_log_level(), certificate_faults_);
    };
    if (auto told = calls_.run<Told>(tell, kStatusPatience)) {
      std::tie(sources.last_reload, sources.files, sources.is_log_level_set, sources.certificate_faults) =
          std::move(*told);
    }
    return make_status_report(sources);
  }

  [[nodiscard]] std::string status_text() const {
    const auto snapshot = snapshots_.get();
    const bool is_refused = reloader_->last_report().result == runtime::ReloadResult::kRefused;
    const std::size_t count = snapshot->providers.size();
    return "Serving " + std::to_string(count) + (count == 1 ? " provider" : " providers") + ", settings " +
           std::to_string(snapshot->static_generation) + "/" + std::to_string(snapshot->dynamic_generation) +
           (is_refused ? "; the last reload was refused: see the log" : "");
  }

  // Fed only while every event loop turns: a hung one is killed and restarted rather than left to hang its callers.
  void feed_watchdog() {
    const auto beats = verify_listener_->heartbeats();
    const base::SteadyTime now = clock_.steady();
    const bool is_alive =
        std::all_of(beats.begin(), beats.end(), [&](base::SteadyTime beat) { return now - beat < kHungAfter; });
    if (is_alive) systemd_.feed_watchdog(now);
  }

  void stop() {
    log_.write(observe::Level::kNotice, "stopping", "no more connections are taken; those under way are answered");
    systemd_.stopping();
    calls_.close();
    const auto patience = snapshots_.get()->settings->listen.drain_timeout;
    const bool is_drained = verify_listener_->drain(clock_.steady() + patience);
    verify_listener_->stop();
    admin_listener_.reset();
    log_.write(
        is_drained ? observe::Level::kNotice : observe::Level::kWarning, "stopped",
        is_drained ? "every request was answered" : "some connections were cut at the end of listen.drainTimeoutMs");
    log_.flush();
  }

  const std::string config_file_;
  const Environment environment_;
  base::Result<PassedSockets> passed_;
  const std::string cache_directory_;
  const base::Result<void> cache_fault_;
  base::SystemClock clock_;
  const base::WallTime started_at_ = clock_.wall();
  SystemdNotifier systemd_;
  observe::Log log_;
  observe::Metrics metrics_;
  net::HttpsFetcher fetcher_;
  std::unique_ptr<keys::KeyStore> store_;
  std::unique_ptr<plugin::Loader> loader_;
  std::unique_ptr<Gauges> gauges_;
  runtime::SnapshotBox snapshots_;
  std::unique_ptr<runtime::Reloader> reloader_;
  std::unique_ptr<state::DisabledStore> disabled_;
  LogLevelTerm log_level_term_;
  DecisionRate decision_rate_;
  std::map<std::string, std::string> certificate_faults_;  // by setting, since the last renewal; control thread only
  ControlQueue calls_;
  base::FileDescriptor signals_;
  std::atomic<std::int64_t> cached_verdicts_{0};
  // Before whoever keeps. By the clock, so that numbers go on growing over a restart.
  verify::RecentDecisions recent_{microseconds_of(started_at_)};
  std::string usage_file_;  // empty: counters are not kept
  base::Secret state_key_;  // empty: none that outlives the process
  std::unique_ptr<state::UsageStore> usage_;
  std::unique_ptr<state::RevocationStore> revocations_;
  std::unique_ptr<state::RedisRevocations> shared_revocations_;
  verify::Inquiries inquiries_{clock_};  // its workers hold snapshots, so it ends before them
  std::unique_ptr<http::MetricsListener> metrics_listener_;
  std::unique_ptr<http::VerifyListener> verify_listener_;
  std::unique_ptr<verify::AdminGuard> guard_;
  std::unique_ptr<http::AdminListener> admin_listener_;
  bool is_stopping_ = false;
};

}  // namespace

int run_daemon(const std::string& config_file, const Environment& environment) {
  // Before any thread is made, so that every thread inherits the mask and the descriptor gets the signals.
  const sigset_t signals = handled_signals();
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return Daemon(absolute_name(config_file), environment, take_passed_sockets()).run();
}

}  // namespace bearerd::app
