// Ends blocking work on sockets when its time is up.
#pragma once

#include <memory>

#include "base/clock.hpp"

namespace bearerd::net {

// POCO's and OpenSSL's time-outs start anew at each read, so a peer that drips a byte a second is never late. One
// thread shuts a socket down at its deadline instead: whoever blocks on it wakes up. The thread starts with the first
// socket. Any thread.
class DeadlineWatch {
 public:
  DeadlineWatch();
  ~DeadlineWatch();
  DeadlineWatch(const DeadlineWatch&) = delete;
  DeadlineWatch& operator=(const DeadlineWatch&) = delete;

  struct State;

  // While it lives, `fd` is shut down when the deadline passes. Must be destroyed before `fd` is closed.
  class Guard {
   public:
    Guard(std::shared_ptr<State> state, int fd, base::SteadyTime deadline);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    [[nodiscard]] bool has_expired() const;

   private:
    struct Entry;
    std::shared_ptr<State> state_;
    std::shared_ptr<Entry> entry_;
    friend struct State;
  };

  [[nodiscard]] Guard watch(int fd, base::SteadyTime deadline);

 private:
  std::shared_ptr<State> state_;
};

}  // namespace bearerd::net
