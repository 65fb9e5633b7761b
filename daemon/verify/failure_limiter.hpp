// A bound on the arithmetic that a stranger can make us do with dear algorithms and invented signatures.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.hpp"

namespace bearerd::verify {

// Budgets of failed tries per (key, source), in units of one RS256 check, refilled with time. Only failures are
// charged, and only keys that cost several times RS256 are looked at: P-384 costs 45 times as much, so 600 bad tokens a
// second would take a core. The source is a hash of where the proxy says the client is (0: not said). A fixed table:
// sources that share a place share a budget, nothing grows. Not thread-safe.
class FailureLimiter {
 public:
  // True when a check may be made now.
  [[nodiscard]] bool allows(std::uint64_t key, std::uint64_t source, unsigned cost, base::SteadyTime now) noexcept;
  void charge(std::uint64_t key, std::uint64_t source, unsigned cost, base::SteadyTime now) noexcept;

 private:
  static constexpr std::size_t kPlaces = 1024;
  static constexpr unsigned kDearFrom = 3;          // times RS256
  static constexpr double kBudget = 1000;           // about 20 to 40 ms of one core …
  static constexpr double kRefillPerSecond = 1000;  // … each second
  struct Place {
    double left = kBudget;
    base::SteadyTime refilled_at{};
  };
  Place& refilled(std::uint64_t key, std::uint64_t source, base::SteadyTime now) noexcept;
  std::array<Place, kPlaces> places_{};
};

}  // namespace bearerd::verify
