#include "app/control_queue.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace bearerd::app {

ControlQueue::ControlQueue() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

bool ControlQueue::post(std::function<void()> call) {
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_) return false;
    calls_.push_back(std::move(call));
  }
  // Full only when it is readable anyway.
  [[maybe_unused]] const int ignored = ::eventfd_write(event_.get(), 1);
  return true;
}

void ControlQueue::run_all() {
  eventfd_t count = 0;
  [[maybe_unused]] const int ignored = ::eventfd_read(event_.get(), &count);
  std::vector<std::function<void()>> calls;
  {
    const std::lock_guard lock(mutex_);
    calls.swap(calls_);
  }
  for (const auto& call : calls) call();
}

void ControlQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  run_all();
}

}  // namespace bearerd::app
