// What is wrong with the store of the counters, for the metric and for whoever asks.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "observe/metrics.hpp"

namespace bearerd::state {

// Any thread.
class StoreFault {
 public:
  explicit StoreFault(observe::Metrics& metrics) noexcept : metrics_(metrics) {}

  // Empty: all is well. True when it was not known.
  bool set(std::string_view text) {
    {
      const std::lock_guard lock(mutex_);
      if (text_ == text) return false;
      text_ = text;
    }
    metrics_.set_state_degraded(!text.empty());
    return true;
  }
  [[nodiscard]] std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  observe::Metrics& metrics_;
  mutable std::mutex mutex_;
  std::string text_;
};

}  // namespace bearerd::state
