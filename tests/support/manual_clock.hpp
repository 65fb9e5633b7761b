// A clock that only a test moves.
#pragma once

#include <atomic>
#include <chrono>

#include "base/clock.hpp"

namespace bearerd::test {

class ManualClock final : public base::Clock {
 public:
  // 2026-01-01T00:00:00Z
  static constexpr std::int64_t kStart = 1767225600;

  [[nodiscard]] base::WallTime wall() const noexcept override {
    return base::WallTime(std::chrono::seconds(kStart)) + std::chrono::nanoseconds(passed_.load());
  }
  [[nodiscard]] base::SteadyTime steady() const noexcept override {
    return base::SteadyTime(std::chrono::hours(1)) + std::chrono::nanoseconds(passed_.load());
  }
  void advance(std::chrono::nanoseconds by) noexcept { passed_ += by.count(); }
  [[nodiscard]] std::int64_t now() const noexcept { return kStart + passed_.load() / 1'000'000'000; }

 private:
  std::atomic<std::int64_t> passed_{0};
};

}  // namespace bearerd::test
