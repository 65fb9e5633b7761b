#include "http/connection_deadlines.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>

namespace bearerd::http {

using std::chrono::steady_clock;

ConnectionDeadlines::ConnectionDeadlines(std::chrono::milliseconds limit) : limit_(limit), thread_([this] { run(); }) {}

ConnectionDeadlines::~ConnectionDeadlines() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::uint64_t ConnectionDeadlines::watch(int socket) {
  base::FileDescriptor own(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
  const std::lock_guard lock(mutex_);
  const std::uint64_t number = next_++;
  // Without a descriptor to spare nobody could end it later: end it now.
  if (!own.is_open()) {
    ::shutdown(socket, SHUT_RDWR);
    return number;
  }
  watched_.emplace(number, Watched{socket, std::move(own), steady_clock::now() + limit_});
  wake_.notify_one();
  return number;
}

void ConnectionDeadlines::forget(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  watched_.erase(number);
}

void ConnectionDeadlines::set(int socket, std::chrono::milliseconds from_now) {
  const std::lock_guard lock(mutex_);
  for (auto& [number, connection] : watched_) {
    if (connection.given == socket) connection.end = steady_clock::now() + from_now;
  }
  wake_.notify_one();
}

void ConnectionDeadlines::end_all() {
  const std::lock_guard lock(mutex_);
  for (const auto& [number, connection] : watched_) ::shutdown(connection.socket.get(), SHUT_RDWR);
  watched_.clear();
}

void ConnectionDeadlines::end_overdue(steady_clock::time_point now) {
  std::erase_if(watched_, [now](const auto& entry) {
    const bool is_overdue = entry.second.end <= now;
    if (is_overdue) ::shutdown(entry.second.socket.get(), SHUT_RDWR);
    return is_overdue;
  });
}

void ConnectionDeadlines::run() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    end_overdue(steady_clock::now());
    if (watched_.empty()) {
      wake_.wait(lock);
    } else {
      const auto first = std::ranges::min_element(watched_, {}, [](const auto& entry) { return entry.second.end; });
      const auto end = first->second.end;  // a copy: the lock is let go
      wake_.wait_until(lock, end);
    }
  }
}

}  // namespace bearerd::http
