// How other threads have something done on the control thread, which alone changes things.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/file.hpp"

namespace bearerd::app {

class ControlQueue {
 public:
  ControlQueue();

  // Any thread but the control thread: waits for the result. Nothing when the daemon is stopping or does not get to it
  // in time. What the call throws is thrown here.
  template <class T>
  [[nodiscard]] std::optional<T> run(std::function<T()> call, std::chrono::seconds patience) {
    auto promise = std::make_shared<std::promise<T>>();
    std::future<T> result = promise->get_future();
    const bool is_posted = post([promise, call = std::move(call)] {
      try {
        promise->set_value(call());
      } catch (...) {  // the caller's trouble, not the daemon's
        promise->set_exception(std::current_exception());
      }
    });
    if (!is_posted) return std::nullopt;
    if (result.wait_for(patience) != std::future_status::ready) return std::nullopt;
    return result.get();
  }
  // False once the queue is closed.
  bool post(std::function<void()> call);

  // Control thread: readable when there is something to run.
  [[nodiscard]] int fd() const noexcept { return event_.get(); }
  void run_all();
  // Runs what is waiting and takes no more, so that nobody waits for a thread that is leaving.
  void close();

 private:
  base::FileDescriptor event_;
  std::mutex mutex_;
  std::vector<std::function<void()>> calls_;
  bool is_closed_ = false;
};

}  // namespace bearerd::app
