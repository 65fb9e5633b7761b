// Where the running version of something immutable is; a mutex and a shared_ptr (std::atomic<shared_ptr> was slower and
// races under TSan).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace bearerd::base {

// Any thread. Take it once per event-loop turn.
template <class T>
class Published {
 public:
  [[nodiscard]] std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  // Hands back the one before, for its owner to sweep.
  std::shared_ptr<const T> publish(std::shared_ptr<const T> value) {
    const std::lock_guard lock(mutex_);
    value_.swap(value);
    serial_.fetch_add(1, std::memory_order_release);
    return value;
  }
  // Changes with each publish: a cheap look before get().
  [[nodiscard]] std::uint64_t serial() const noexcept { return serial_.load(std::memory_order_acquire); }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
  std::atomic<std::uint64_t> serial_{0};
};

}  // namespace bearerd::base
