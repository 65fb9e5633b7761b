// How many connections there are over all loops, and one connection's part in it.
#pragma once

#include <atomic>
#include <cstddef>

#include "observe/metrics.hpp"

namespace bearerd::http {

// Any thread.
struct ConnectionTotal {
  std::atomic<std::size_t> connections{0};
  observe::Metrics* metrics = nullptr;  // may be null; outlives the total
};

// Counts one connection for as long as it lives, however it ends: a count that leaks closes the listener for good.
class ConnectionCount {
 public:
  explicit ConnectionCount(ConnectionTotal& total) noexcept
      : total_(total), before_(total.connections.fetch_add(1, std::memory_order_relaxed)) {
    if (total_.metrics != nullptr) total_.metrics->add_connections(observe::ListenerKind::kVerify, 1);
  }
  ~ConnectionCount() {
    total_.connections.fetch_sub(1, std::memory_order_relaxed);
    if (total_.metrics != nullptr) total_.metrics->add_connections(observe::ListenerKind::kVerify, -1);
  }
  ConnectionCount(const ConnectionCount&) = delete;
  ConnectionCount& operator=(const ConnectionCount&) = delete;

  // How many there were already.
  [[nodiscard]] std::size_t before() const noexcept { return before_; }

 private:
  ConnectionTotal& total_;
  const std::size_t before_;
};

}  // namespace bearerd::http
