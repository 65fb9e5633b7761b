#include "keys/worker.hpp"

#include <algorithm>
#include <exception>

#include "observe/log.hpp"

namespace bearerd::keys {
namespace {

// A suspended machine, or a test's clock, may have moved more than we slept.
constexpr std::chrono::minutes kLongestSleep{10};
constexpr std::chrono::seconds kAfterException{1};

}  // namespace

void Bell::ring() {
  const std::lock_guard lock(mutex);
  has_news = true;
  changed.notify_all();
}

Worker::Worker(const base::Clock& clock, observe::Log* log, std::shared_ptr<observe::ProviderMetrics> metrics)
    : clock_(clock), log_(log), metrics_(std::move(metrics)) {}

Worker::~Worker() {
  stop();
  if (thread_.joinable()) thread_.join();
}

bool Worker::add(const std::shared_ptr<RemoteSource>& source) {
  const std::lock_guard lock(bell_->mutex);
  if (has_ended_ || is_stopping_) return false;
  sources_.push_back(source);
  bell_->has_news = true;
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  bell_->changed.notify_all();
  return true;
}

void Worker::stop() {
  Sources sources;
  {
    const std::lock_guard lock(bell_->mutex);
    is_stopping_ = true;
    bell_->changed.notify_all();
    sources = live_sources();
  }
  for (const auto& source : sources) source->stop();
}

bool Worker::has_ended() const {
  const std::lock_guard lock(bell_->mutex);
  return has_ended_;
}

// Needs the lock. The last holder of a source may be whoever lets go of the result, which must be done without it.
Worker::Sources Worker::live_sources() {
  Sources live;
  for (const auto& weak : sources_) {
    if (auto source = weak.lock()) live.push_back(std::move(source));
  }
  std::erase_if(sources_, [](const auto& weak) { return weak.expired(); });
  return live;
}

void Worker::run() {
  std::unique_lock lock(bell_->mutex);
  while (!is_stopping_) {
    bell_->has_news = false;
    Sources live = live_sources();
    if (live.empty()) break;
    lock.unlock();
    base::SteadyTime next = clock_.steady() + kAfterException;
    try {
      next = serve(live);
    } catch (const std::exception&) {
      if (log_ != nullptr) log_->write(observe::Level::kError, "keys.worker", "an unexpected exception was caught");
    }
    live.clear();
    lock.lock();
    wait_until(lock, next);
  }
  has_ended_ = true;
}

base::SteadyTime Worker::serve(const Sources& sources) {
  base::SteadyTime next = base::SteadyTime::max();
  for (const auto& source : sources) {
    source->run_due();
    publish(sources);
  }
  for (const auto& source : sources) next = std::min(next, source->next_event());
  return next;
}

// One set of series for all the sources of a provider: the worst of them is what an operator must see.
void Worker::publish(const Sources& sources) const {
  if (!metrics_) return;
  std::size_t count = 0;
  bool is_stale = false;
  base::WallTime last_success = base::WallTime::max();
  for (const auto& source : sources) {
    const KeySourceStatus status = source->status();
    count += status.key_count;
    is_stale = is_stale || status.is_stale;
    last_success = std::min(last_success, status.last_success);
  }
  metrics_->set_keys(count, is_stale, last_success);
}

void Worker::wait_until(std::unique_lock<std::mutex>& lock, base::SteadyTime time) {
  const base::SteadyTime now = clock_.steady();
  if (time <= now) return;
  const auto most =
      std::min<std::chrono::nanoseconds>(time == base::SteadyTime::max() ? kLongestSleep : time - now, kLongestSleep);
  bell_->changed.wait_for(lock, most, [&] { return bell_->has_news || is_stopping_; });
}

}  // namespace bearerd::keys
