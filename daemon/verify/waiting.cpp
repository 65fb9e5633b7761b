#include "verify/waiting.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>

namespace bearerd::verify {
namespace {

// Shared with whoever wakes: he may come after the question was given up.
class Bell {
 public:
  void ring() {
    {
      const std::lock_guard lock(mutex_);
      is_rung_ = true;
    }
    rung_.notify_one();
  }
  // False: the time passed.
  [[nodiscard]] bool wait(std::chrono::nanoseconds patience) {
    std::unique_lock lock(mutex_);
    const bool is_rung = rung_.wait_for(lock, patience, [this] { return is_rung_; });
    is_rung_ = false;
    return is_rung;
  }

 private:
  std::mutex mutex_;
  std::condition_variable rung_;
  bool is_rung_ = false;
};

}  // namespace

Decision decide_waiting(Worker& worker, const Request& request, const base::Clock& clock) {
  const auto bell = std::make_shared<Bell>();
  Attempt attempt;
  for (;;) {
    attempt.resume = [bell] { bell->ring(); };  // the worker may have moved it out the last time
    if (auto decision = worker.decide(request, attempt)) return std::move(*decision);
    // Asked for the last time and still undecided: unsure means no.
    if (attempt.is_expired) return {};
    attempt.is_expired = !bell->wait(attempt.deadline - clock.steady());
  }
}

}  // namespace bearerd::verify
