// A bound on the arithmetic that a stranger can make us do with dear algorithms and invented signatures.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.hpp"

namespace bearerd::verify {

// Budgets of failed tries in units of one RS256 check, refilled with time: a small one for each (key, source), so that
// one source can't use up what others need, and a wide one for each key, so that changing sources does not go round it.
// Only failures are charged, and only keys that cost several times RS256 are looked at: P-384 costs 45 times as much,
// so 600 bad tokens a second would take a core. The source is a hash of where the proxies say the client is; 0: not
// said, only the wide budget holds. A fixed table: what shares a place shares a budget, nothing grows. Not thread-safe.
class FailureLimiter {
 public:
  // True when a check may be made now.
  [[nodiscard]] bool allows(std::uint64_t key, std::uint64_t source, unsigned cost, base::SteadyTime now) noexcept;
  void charge(std::uint64_t key, std::uint64_t source, unsigned cost, base::SteadyTime now) noexcept;

 private:
  static constexpr std::size_t kPlaces = 1024;
  static constexpr unsigned kDearFrom = 3;   // times RS256
  static constexpr double kOfSource = 1000;  // a second: 20 to 40 ms of one core
  static constexpr double kOfKey = 10'000;   // a second: 200 to 400 ms
  struct Budget {
    double left = 0;
    base::SteadyTime refilled_at{};
  };
  [[nodiscard]] static double refill(Budget& budget, double each_second, base::SteadyTime now) noexcept;
  [[nodiscard]] Budget& of_source(std::uint64_t key, std::uint64_t source) noexcept;
  [[nodiscard]] Budget& of_key(std::uint64_t key) noexcept { return keys_[key % kPlaces]; }
  std::array<Budget, kPlaces> sources_{}, keys_{};
};

}  // namespace bearerd::verify
