#include "verify/lane.hpp"

#include <system_error>
#include <utility>

namespace bearerd::verify {

Lane::~Lane() {
  stop();
  for (std::thread& thread : threads_) thread.join();
}

void Lane::stop() {
  const std::lock_guard lock(mutex_);
  is_stopping_ = true;
  queue_.clear();
  changed_.notify_all();
}

bool Lane::push(std::function<void()> job, For whom) {
  const std::size_t room = whom == For::kKnown ? kMaxQueued : kMaxQueued / 2;
  const std::lock_guard lock(mutex_);
  if (is_stopping_ || queue_.size() >= room) return false;
  if (idle_ <= queue_.size() && threads_.size() < kMaxThreads) {
    try {
      threads_.emplace_back([this] { run(); });
    } catch (const std::system_error&) {  // the process may have no more threads: those that are there will do
      if (threads_.empty()) return false;
    }
  }
  queue_.push_back(std::move(job));
  changed_.notify_one();
  return true;
}

void Lane::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    changed_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
    --idle_;
    if (is_stopping_) return;
    std::function<void()> job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    job();
    job = nullptr;  // what it holds is let go of before the lock is taken
    lock.lock();
  }
}

}  // namespace bearerd::verify
