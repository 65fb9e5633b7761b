// Ends connections that last too long, whatever their handler waits for: a read time-out alone can be outwitted by one
// byte at a time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>

#include "base/file.hpp"

namespace bearerd::http {

// Any thread.
class ConnectionDeadlines {
 public:
  explicit ConnectionDeadlines(std::chrono::milliseconds limit);
  ~ConnectionDeadlines();
  ConnectionDeadlines(const ConnectionDeadlines&) = delete;
  ConnectionDeadlines& operator=(const ConnectionDeadlines&) = delete;

  // Watches this socket until forget(); it is shut down, not closed, at its deadline. The returned number is never used
  // again.
  [[nodiscard]] std::uint64_t watch(int socket);
  void forget(std::uint64_t number);
  // Another deadline, counted from now, for the connection whose socket was given to watch().
  void set(int socket, std::chrono::milliseconds from_now);
  // All of them, now: for stopping.
  void end_all();

 private:
  struct Watched {
    int given;                    // known by this to its handler
    base::FileDescriptor socket;  // a duplicate: the handler may close its own while we look
    std::chrono::steady_clock::time_point end;
  };
  void run();
  void end_overdue(std::chrono::steady_clock::time_point now);

  const std::chrono::milliseconds limit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::uint64_t, Watched> watched_;  // as few as there are threads
  std::uint64_t next_ = 1;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace bearerd::http
