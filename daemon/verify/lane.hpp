// The background threads of one provider: few, with a short queue, so that its slowness is nobody else's.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
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

  enum class For : std::uint8_t { kStranger = 1, kKnown };
  // False: the queue is full, or no thread can be had. A job may not throw. For strangers the queue is half as long;
  // the rest of it is left to whoever is known.
  [[nodiscard]] bool push(std::function<void()> job, For whom);
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
