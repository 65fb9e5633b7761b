#include "net/deadline_watch.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace bearerd::net {

struct DeadlineWatch::Guard::Entry {
  int fd = -1;
  base::SteadyTime deadline;
  bool has_expired = false;
};

struct DeadlineWatch::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::shared_ptr<Guard::Entry>> entries;
  std::thread thread;
  bool is_stopping = false;

  void run() {
    std::unique_lock lock(mutex);
    while (!is_stopping) {
      const auto next = std::min_element(entries.begin(), entries.end(),
                                         [](const auto& a, const auto& b) { return a->deadline < b->deadline; });
      if (next == entries.end()) {
        changed.wait(lock);
        continue;
      }
      // A copy: while we wait without the lock, entries come and go.
      // NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
      const std::shared_ptr<Guard::Entry> entry = *next;
      if (std::chrono::steady_clock::now() < entry->deadline) {
        changed.wait_until(lock, entry->deadline);
        continue;
      }
      entry->has_expired = true;
      ::shutdown(entry->fd, SHUT_RDWR);
      std::erase(entries, entry);
    }
  }
};

DeadlineWatch::Guard::Guard(std::shared_ptr<State> state, int fd, base::SteadyTime deadline)
    : state_(std::move(state)), entry_(std::make_shared<Entry>(Entry{fd, deadline, false})) {
  const std::lock_guard lock(state_->mutex);
  if (!state_->thread.joinable()) state_->thread = std::thread([watched = state_.get()] { watched->run(); });
  state_->entries.push_back(entry_);
  state_->changed.notify_all();
}

DeadlineWatch::Guard::~Guard() {
  const std::lock_guard lock(state_->mutex);
  std::erase(state_->entries, entry_);
}

bool DeadlineWatch::Guard::has_expired() const {
  const std::lock_guard lock(state_->mutex);
  return entry_->has_expired;
}

DeadlineWatch::DeadlineWatch() : state_(std::make_shared<State>()) {}

DeadlineWatch::~DeadlineWatch() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_stopping = true;
    state_->changed.notify_all();
  }
  if (state_->thread.joinable()) state_->thread.join();
}

DeadlineWatch::Guard DeadlineWatch::watch(int fd, base::SteadyTime deadline) { return {state_, fd, deadline}; }

}  // namespace bearerd::net
