// Idempotency keys that were used lately, so that a report that is sent again is not counted again.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string_view>
#include <unordered_set>

#include "state/caller_id.hpp"

namespace bearerd::state {

// How long a key is remembered; what docs/limits.md promises.
inline constexpr std::int64_t kRememberedSeconds = 3600;

// Any thread. Bounded: beyond kMaxKeys the oldest is forgotten early. Not kept over a restart.
class RecentKeys {
 public:
  static constexpr std::size_t kMaxKeys = 100'000;
  // True when the key was not used by this caller; it is from then on.
  [[nodiscard]] bool admit(const CallerId& caller, std::string_view key, std::int64_t now);

 private:
  struct Used {
    std::uint64_t id = 0;
    std::int64_t second = 0;
  };
  void forget_oldest();

  std::mutex mutex_;
  std::deque<Used> by_age_;
  std::unordered_set<std::uint64_t> ids_;
};

}  // namespace bearerd::state
