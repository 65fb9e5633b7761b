// How other threads have something done on the control thread, which alone changes things.
#pragma once

#include <chrono>
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
  // in time.
  template <class T>
  [[nodiscard]] std::optional<T> run(std::function<T()> call, std::chrono::seconds patience) {
    auto promise = std::make_shared<std::promise<T>>();
    std::future<T> result = promise->get_future();
    post([promise, call = std::move(call)] { promise->set_value(call()); });
    if (result.wait_for(patience) != std::future_status::ready) return std::nullopt;
    return result.get();
  }
  void post(std::function<void()> call);

  // Control thread: readable when there is something to run.
  [[nodiscard]] int fd() const noexcept { return event_.get(); }
  void run_all();

 private:
  base::FileDescriptor event_;
  std::mutex mutex_;
  std::vector<std::function<void()>> calls_;
};

}  // namespace bearerd::app
