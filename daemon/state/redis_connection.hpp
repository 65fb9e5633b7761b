// What is asked of the counters in the Redis that several daemons share.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "settings/settings.hpp"
#include "state/usage_store.hpp"

namespace bearerd::state {

// What is to be added to a caller's counters, and under which limits.
struct RedisCall {
  UsageKey key;
  Limits limits;  // of a report: none
  std::uint32_t requests = 0;
  std::uint64_t tokens = 0, nanodollars = 0;
  std::string idempotency_key;
  std::int64_t now = 0;
};

struct RedisReply {
  enum class Outcome : std::uint8_t { kCounted = 1, kReached, kRepeated };
  Outcome outcome = Outcome::kCounted;
  std::vector<UsageEntry> usage, cost;  // after the call
  bool was_damaged = false;             // something there was no counter, and is counted afresh
};

// One thread at a time. Connects by itself; a failure closes the connection, and the next call makes a new one. All may
// take as long as the deadline of the settings.
class RedisConnection {
 public:
  explicit RedisConnection(settings::Redis settings);
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  // All calls in one round trip; each is atomic by itself, and counts only when no limit is reached. Replies in the
  // order of the calls.
  [[nodiscard]] base::Result<std::vector<RedisReply>> count(std::span<const RedisCall> calls);
  [[nodiscard]] base::Result<void> ping();
  // Everybody who has counters, ascending.
  [[nodiscard]] base::Result<std::vector<CallerId>> callers();
  [[nodiscard]] base::Result<CallerUsage> usage_of(const CallerId& caller);

 private:
  struct Link;
  template <class T, class Work>
  [[nodiscard]] base::Result<T> with_link(Work work);

  std::unique_ptr<Link> link_;
};

}  // namespace bearerd::state
