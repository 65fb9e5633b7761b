// How other threads have something done on the control thread, which alone changes things.
#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "http/no_answer.hpp"

namespace bearerd::app {

class ControlQueue {
 public:
  ControlQueue();

  // Any thread but the control thread: waits for the result. A call that was not begun in time never runs. What the
  // call throws is thrown here.
  template <class T>
  [[nodiscard]] http::Controlled<T> run(std::function<T()> call, std::chrono::milliseconds patience) {
    auto promise = std::make_shared<std::promise<T>>();
    std::future<T> result = promise->get_future();
    // Whoever comes first: the control thread to begin, or the caller to give it up.
    auto is_claimed = std::make_shared<std::atomic<bool>>(false);
    const bool is_posted = post([promise, is_claimed, call = std::move(call)] {
      if (is_claimed->exchange(true)) return;
      try {
        promise->set_value(call());
      } catch (...) {  // the caller's trouble, not the daemon's
        promise->set_exception(std::current_exception());
      }
    });
    if (!is_posted) return tl::make_unexpected(http::NoAnswer::kStopping);
    if (result.wait_for(patience) == std::future_status::ready) return result.get();
    if (!is_claimed->exchange(true)) return tl::make_unexpected(http::NoAnswer::kNotBegun);
    // It may have ended just now.
    if (result.wait_for(std::chrono::seconds(0)) == std::future_status::ready) return result.get();
    return tl::make_unexpected(http::NoAnswer::kUnderWay);
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
