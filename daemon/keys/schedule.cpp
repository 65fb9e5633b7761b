#include "keys/schedule.hpp"

#include <algorithm>

namespace bearerd::keys {
namespace {

constexpr milliseconds kLeastLifetime{300'000};
// Whatever the settings say, an issuer is not asked in a tight loop.
constexpr milliseconds kFloor{100};
constexpr milliseconds kFirstRetry{1'000};
constexpr milliseconds kLastRetry{60'000};

}  // namespace

milliseconds lifetime_of(std::chrono::seconds max_age, const KeySourceSettings& settings) {
  const milliseconds most = std::max(settings.positive_ttl, kFloor);
  if (max_age < std::chrono::seconds{0}) return most;
  // Compared as seconds: a max-age of 2^31 is legal.
  const bool is_long = max_age > std::chrono::ceil<std::chrono::seconds>(most);
  return is_long ? most : std::clamp(milliseconds(max_age), std::min(kLeastLifetime, most), most);
}

milliseconds refresh_after(milliseconds lifetime) { return lifetime * 4 / 5; }

milliseconds retry_delay(unsigned failures, double random) {
  const unsigned doublings = std::min(failures > 0 ? failures - 1 : 0, 6U);
  const milliseconds most = std::min(kFirstRetry * (1U << doublings), kLastRetry);
  return std::max(kFloor, milliseconds(static_cast<std::int64_t>(random * static_cast<double>(most.count()))));
}

std::chrono::seconds seconds_between(base::SteadyTime from, base::SteadyTime to) {
  return std::max(std::chrono::seconds{1}, std::chrono::ceil<std::chrono::seconds>(to - from));
}

}  // namespace bearerd::keys
