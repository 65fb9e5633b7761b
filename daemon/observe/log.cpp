#include "observe/log.hpp"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>

#include "observe/journal.hpp"
#include "observe/log_line.hpp"
#include "observe/refusal_limiter.hpp"

namespace bearerd::observe {
namespace {

using namespace std::chrono_literals;

// What a pipe takes at once when poll() says that it is writable (PIPE_BUF): so the writer never blocks inside write(),
// and can give up when the reader of our standard error hangs.
constexpr std::size_t kMaxWriteBytes = 4096;
constexpr auto kStopGrace = 1s;
constexpr auto kPollStep = 100ms;

// Colours are for people: a terminal, and no NO_COLOR (no-color.org) or dumb terminal.
bool wants_colours(int fd) {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool is_refused = no_colour != nullptr && *no_colour != '\0';
  return ::isatty(fd) == 1 && !is_refused && terminal != nullptr && std::string_view(terminal) != "dumb";
}

LineStyle style_of(const Log::Options& options, Format format) {
  return {format, options.has_priority_prefix, format == Format::kText && wants_colours(options.fd)};
}

Level level_of(base::Reason reason) noexcept {
  switch (base::kind_of(reason)) {
    case base::DecisionKind::kAllow:
      return Level::kInfo;
    case base::DecisionKind::kDeny:
      return Level::kNotice;
    case base::DecisionKind::kError:
      break;
  }
  return Level::kWarning;
}

}  // namespace

struct Log::State {
  explicit State(const Options& given)
      : options(given),
        journal(given.journal),
        json(style_of(given, Format::kJson)),
        text(style_of(given, Format::kText)),
        format(given.format),
        level(given.level) {
    // Signals are the main thread's; SIGPIPE goes to the thread that writes, and must not kill us.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    writer = std::thread([this] { run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  ~State() {
    {
      const std::lock_guard lock(mutex);
      is_stopping = true;
      stop_by = std::chrono::steady_clock::now() + kStopGrace;
    }
    wake.notify_all();
    writer.join();
  }

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  [[nodiscard]] std::string render(Level of, std::string_view event, std::string_view message,
                                   std::span<const Field> fields) const {
    const base::WallTime now = clock().wall();
    return journal.is_open() ? format_record(style(), now, of, event, message, fields)
                             : format_line(style(), now, of, event, message, fields);
  }

  void push(std::string line) {
    bool was_empty = false;
    {
      const std::lock_guard lock(mutex);
      if (queue.size() >= options.max_queued) {
        dropped.fetch_add(1, std::memory_order_relaxed);
        return;
      }
      was_empty = queue.empty();
      queue.push_back(std::move(line));
      ++pushed;
    }
    if (was_empty) wake.notify_one();
  }

  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      wake.wait(lock, [this] { return is_stopping || !queue.empty(); });
      if (queue.empty()) return;
      std::deque<std::string> batch;
      batch.swap(queue);
      lock.unlock();
      write_batch(batch);
      lock.lock();
      written += batch.size();
      idle.notify_all();
    }
  }

  // As many whole lines in one write as fit; records one by one.
  void write_batch(const std::deque<std::string>& batch) {
    if (journal.is_open()) {
      for (const std::string& record : batch) send_record(record);
      return;
    }
    std::string chunk;
    for (const std::string& line : batch) {
      if (!chunk.empty() && chunk.size() + line.size() > kMaxWriteBytes) {
        write_all(chunk);
        chunk.clear();
      }
      chunk += line;
    }
    write_all(chunk);
  }

  void send_record(const std::string& record) {
    while (wait_writable(journal.fd())) {
      if (journal.send(record)) return;
      if (errno != EINTR && errno != EAGAIN) break;
    }
    dropped.fetch_add(1, std::memory_order_relaxed);
  }

  void write_all(std::string_view bytes) {
    while (!bytes.empty()) {
      if (!wait_writable(options.fd)) return drop(bytes);
      const ssize_t count = ::write(options.fd, bytes.data(), std::min(bytes.size(), kMaxWriteBytes));
      if (count >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(count));
      } else if (errno != EINTR && errno != EAGAIN) {
        // Nobody reads any more. There is no other place to say it; the count is in the metrics.
        return drop(bytes);
      }
    }
  }

  void drop(std::string_view bytes) {
    const auto lines = static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
    dropped.fetch_add(lines, std::memory_order_relaxed);
  }

  bool wait_writable(int fd) {
    while (!has_given_up) {
      pollfd waiting{fd, POLLOUT, 0};
      const int count = ::poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(kPollStep).count()));
      if (count > 0) return true;
      const std::lock_guard lock(mutex);
      has_given_up = is_stopping && std::chrono::steady_clock::now() >= stop_by;
      if (has_given_up) return false;
    }
    return false;
  }

  const Options options;
  Journal journal;
  const LineStyle json, text;
  [[nodiscard]] const LineStyle& style() const noexcept {
    return format.load(std::memory_order_relaxed) == Format::kText ? text : json;
  }
  std::atomic<Format> format;
  const base::SystemClock system_clock;
  std::atomic<Level> level;
  std::atomic<bool> logs_allows{false};
  std::atomic<unsigned> refusals_per_second{20};
  std::atomic<std::uint64_t> dropped{0};
  RefusalLimiter refusals;

  std::mutex mutex;
  std::condition_variable wake, idle;
  std::deque<std::string> queue;
  std::uint64_t pushed = 0, written = 0;
  bool is_stopping = false;
  std::chrono::steady_clock::time_point stop_by{};
  bool has_given_up = false;  // the writer's own
  std::thread writer;

  [[nodiscard]] const base::Clock& clock() const noexcept {
    return options.clock != nullptr ? *options.clock : static_cast<const base::Clock&>(system_clock);
  }
};

Log::Log(const Options& options) : state_(std::make_unique<State>(options)) {}
Log::~Log() = default;

void Log::write(Level level, std::string_view event, std::string_view text, std::initializer_list<Field> fields) {
  write(level, event, text, std::span(fields.begin(), fields.size()));
}

void Log::write(Level level, std::string_view event, std::string_view text, std::span<const Field> fields) {
  if (level >= this->level()) write_always(level, event, text, fields);
}

void Log::write_always(Level level, std::string_view event, std::string_view text, std::span<const Field> fields) {
  state_->push(state_->render(level, event, text, fields));
}

void Log::decision(const DecisionLine& line) {
  const Level level = level_of(line.reason);
  if (level < this->level()) return;
  const base::DecisionKind kind = base::kind_of(line.reason);
  if (kind == base::DecisionKind::kAllow && !logs_allows()) return;
  std::uint64_t omitted = 0;
  if (kind != base::DecisionKind::kAllow) {
    const auto admitted = state_->refusals.admit(line.provider, line.reason, state_->clock().steady(),
                                                 state_->refusals_per_second.load(std::memory_order_relaxed));
    if (!admitted) return;
    omitted = *admitted;
  }
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(line.duration).count();
  std::array<Field, 11> fields{{{"decision", base::name(kind)},
                                {"reason", base::name(line.reason)},
                                {"provider", line.provider},
                                {"user", line.user},
                                {"project", line.project},
                                {"resource", line.resource},
                                {"method", line.method},
                                {"duration_us", static_cast<std::int64_t>(micros)},
                                {"request_id", line.request_id}}};
  std::size_t count = 9;
  if (!line.limit.empty()) fields[count++] = {"limit", line.limit};
  if (omitted > 0) fields[count++] = {"omitted", static_cast<std::int64_t>(omitted)};
  state_->push(state_->render(level, "decision", {}, std::span<const Field>(fields.data(), count)));
}

void Log::tell_omitted() {
  if (state_->refusals_per_second.load(std::memory_order_relaxed) == 0) return;
  for (const auto& [kind, omitted] : state_->refusals.take_omitted(state_->clock().steady())) {
    write(level_of(kind.second), "refusals_omitted", "refusals of this kind got no line: log.refusalsPerSecond",
          {{"provider", std::string_view(kind.first)},
           {"reason", base::name(kind.second)},
           {"omitted", static_cast<std::int64_t>(omitted)}});
  }
}

void Log::set_format(Format format) noexcept { state_->format.store(format, std::memory_order_relaxed); }

void Log::set_level(Level level) noexcept { state_->level.store(level, std::memory_order_relaxed); }
Level Log::level() const noexcept { return state_->level.load(std::memory_order_relaxed); }

void Log::set_decisions(bool logs_allows, unsigned refusals_per_second) noexcept {
  state_->logs_allows.store(logs_allows, std::memory_order_relaxed);
  state_->refusals_per_second.store(refusals_per_second, std::memory_order_relaxed);
}

bool Log::logs_allows() const noexcept { return state_->logs_allows.load(std::memory_order_relaxed); }
std::uint64_t Log::dropped() const noexcept { return state_->dropped.load(std::memory_order_relaxed); }

void Log::flush() {
  std::unique_lock lock(state_->mutex);
  const std::uint64_t goal = state_->pushed;
  state_->idle.wait_for(lock, kStopGrace, [this, goal] { return state_->written >= goal; });
}

}  // namespace bearerd::observe
