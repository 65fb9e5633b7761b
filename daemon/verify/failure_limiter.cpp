#include "verify/failure_limiter.hpp"

#include <algorithm>
#include <chrono>

namespace bearerd::verify {

FailureLimiter::Place& FailureLimiter::refilled(std::uint64_t key, std::uint64_t source,
                                                base::SteadyTime now) noexcept {
  constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15U;
  Place& place = places_[((key * kSpread) ^ source) % kPlaces];
  const std::chrono::duration<double> passed = now - place.refilled_at;
  if (passed.count() > 0) place.left = std::min(kBudget, place.left + passed.count() * kRefillPerSecond);
  place.refilled_at = now;
  return place;
}

bool FailureLimiter::allows(std::uint64_t key, std::uint64_t source, unsigned cost, base::SteadyTime now) noexcept {
  return cost < kDearFrom || refilled(key, source, now).left >= cost;
}

void FailureLimiter::charge(std::uint64_t key, std::uint64_t source, unsigned cost, base::SteadyTime now) noexcept {
  if (cost >= kDearFrom) refilled(key, source, now).left -= cost;
}

}  // namespace bearerd::verify
