// The background threads of one provider: few, with a short queue, so that its slowness is nobody else's.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace bearerd::verify {

// Any thread. Threads start when they are needed.
class Lane {
 public:
  static constexpr std::size_t kMaxThreads = 8, kMaxQueued = 256;

  Lane() = default;
  // Waits for the jobs that run; those in the queue are dropped.
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // False: the queue is full, or no thread can be had. A job may not throw.
  [[nodiscard]] bool push(std::function<void()> job);
  // No more jobs are begun.
  void stop();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool is_stopping_ = false;
};

}  // namespace bearerd::verify
