#include "verify/failure_limiter.hpp"

#include <algorithm>
#include <chrono>

namespace bearerd::verify {

double FailureLimiter::refill(Budget& budget, double each_second, base::SteadyTime now) noexcept {
  // A place that was never used is full: its time lies far back.
  const std::chrono::duration<double> passed = now - budget.refilled_at;
  if (passed.count() > 0) budget.left = std::min(each_second, budget.left + passed.count() * each_second);
  budget.refilled_at = now;
  return budget.left;
}

FailureLimiter::Budget& FailureLimiter::of_source(std::uint64_t key, std::uint64_t source) noexcept {
  constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15U;
  return sources_[((key * kSpread) ^ source) % kPlaces];
}

bool FailureLimiter::allows(std::uint64_t key, std::uint64_t source, unsigned cost, base::SteadyTime now) noexcept {
  if (cost < kDearFrom) return true;
  return refill(of_key(key), kOfKey, now) >= cost &&
         (source == 0 || refill(of_source(key, source), kOfSource, now) >= cost);
}

void FailureLimiter::charge(std::uint64_t key, std::uint64_t source, unsigned cost, base::SteadyTime now) noexcept {
  if (cost < kDearFrom) return;
  static_cast<void>(refill(of_key(key), kOfKey, now));
  of_key(key).left -= cost;
  if (source == 0) return;
  static_cast<void>(refill(of_source(key, source), kOfSource, now));
  of_source(key, source).left -= cost;
}

}  // namespace bearerd::verify
