// Deadlines of one kind, soonest first. Arming costs a few pointers as long as deadlines come in nearly rising order,
// which they do when all members wait equally long. Used by one thread.
#pragma once

#include <optional>

#include "base/clock.hpp"

namespace bearerd::http {

class TimerList;

// A member of at most one list; leaves it when destroyed.
class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { cancel(); }

  void cancel() noexcept;
  [[nodiscard]] base::SteadyTime deadline() const noexcept { return deadline_; }

 private:
  friend class TimerList;
  Timer *before_ = nullptr, *after_ = nullptr;
  TimerList* list_ = nullptr;
  base::SteadyTime deadline_{};
};

class TimerList {
 public:
  TimerList() = default;
  TimerList(const TimerList&) = delete;
  TimerList& operator=(const TimerList&) = delete;

  void arm(Timer& timer, base::SteadyTime deadline) noexcept {
    timer.cancel();
    Timer* before = last_;
    while (before != nullptr && before->deadline_ > deadline) before = before->before_;
    timer.deadline_ = deadline;
    timer.list_ = this;
    timer.before_ = before;
    timer.after_ = before != nullptr ? before->after_ : first_;
    (timer.after_ != nullptr ? timer.after_->before_ : last_) = &timer;
    (before != nullptr ? before->after_ : first_) = &timer;
  }

  [[nodiscard]] std::optional<base::SteadyTime> next() const noexcept {
    return first_ != nullptr ? std::optional(first_->deadline_) : std::nullopt;
  }

  // Takes out one that is due, or null.
  [[nodiscard]] Timer* pop(base::SteadyTime now) noexcept {
    Timer* const timer = first_;
    if (timer == nullptr || timer->deadline_ > now) return nullptr;
    timer->cancel();
    return timer;
  }

  // The one that waits least, without taking it out; null when empty.
  [[nodiscard]] Timer* first() const noexcept { return first_; }

 private:
  friend class Timer;
  Timer *first_ = nullptr, *last_ = nullptr;
};

inline void Timer::cancel() noexcept {
  if (list_ == nullptr) return;
  (before_ != nullptr ? before_->after_ : list_->first_) = after_;
  (after_ != nullptr ? after_->before_ : list_->last_) = before_;
  before_ = after_ = nullptr;
  list_ = nullptr;
}

}  // namespace bearerd::http
