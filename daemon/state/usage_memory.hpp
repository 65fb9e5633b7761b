// The counters of all callers in this process. Sharded by the caller, which is as good as random, so that event loops
// rarely meet; a lock is held for one look-up and one addition.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "state/caller_id.hpp"
#include "state/usage_series.hpp"
#include "state/usage_store.hpp"

namespace bearerd::state {

struct UsageRow {
  UsageKey key;
  std::vector<UsageEntry> entries;
};

// Any thread.
class UsageMemory {
 public:
  UsageMemory() = default;
  UsageMemory(const UsageMemory&) = delete;
  UsageMemory& operator=(const UsageMemory&) = delete;

  // Counts the request when no limit is reached, unless it is only looked at.
  [[nodiscard]] Standing check(const LimitQuestion& question);
  void record(const UsageReport& report);
  // What was kept before: added to what is there.
  void restore(const UsageRow& row, std::int64_t now);
  [[nodiscard]] UsagePage list(const PageWish& wish);

  // What another place that counts has said: in the place of what is there. `limits`: null: not known from there.
  void mirror(const UsageKey& key, std::span<const UsageEntry> usage, std::span<const UsageEntry> cost,
              const Limits* limits, std::int64_t now);
  // The limits that the caller's requests had here last.
  void add_limits(CallerUsage& usage);

  // Rows that changed since they were last taken, about `max_rows` of them; none: all are taken. What can't be kept
  // goes back.
  [[nodiscard]] std::vector<UsageRow> take_changed(std::size_t max_rows);
  void give_back(std::span<const UsageRow> rows);
  void mark_all_changed();
  // Forgets what no window holds any more.
  void sweep(std::int64_t now);
  [[nodiscard]] std::size_t counters() const;

 private:
  // Kept once for each set of limits that is in use: there are few.
  using SharedLimits = std::shared_ptr<const Limits>;
  struct LimitsHash {
    using is_transparent = void;
    [[nodiscard]] std::size_t operator()(const Limits& limits) const noexcept;
    [[nodiscard]] std::size_t operator()(const SharedLimits& limits) const noexcept { return (*this)(*limits); }
  };
  struct SameLimits {
    using is_transparent = void;
    [[nodiscard]] bool operator()(const SharedLimits& a, const SharedLimits& b) const noexcept { return *a == *b; }
    [[nodiscard]] bool operator()(const SharedLimits& a, const Limits& b) const noexcept { return *a == b; }
    [[nodiscard]] bool operator()(const Limits& a, const SharedLimits& b) const noexcept { return a == *b; }
  };
  struct Counter {
    std::uint64_t deployment = kCostOfCaller;
    UsageSeries series;
    SharedLimits limits;
    bool is_changed = false;
  };
  struct Caller {
    std::vector<Counter> counters;
    [[nodiscard]] Counter* find(std::uint64_t deployment) noexcept;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<CallerId, Caller, CallerHash> callers;
    std::vector<UsageKey> changed;
    std::size_t count = 0;  // of counters
    [[nodiscard]] Counter& get(Caller& caller, std::uint64_t deployment);
    void change(const CallerId& caller, Counter& counter);
    [[nodiscard]] std::optional<UsageRow> take(const UsageKey& key);
    [[nodiscard]] Standing look(const LimitQuestion& question);
  };
  static constexpr std::size_t kShards = 256;

  [[nodiscard]] Shard& shard_of(const CallerId& caller) noexcept { return shards_[caller.bytes[0]]; }
  [[nodiscard]] SharedLimits share(const Limits& limits);
  static void append_callers(Shard& shard, const PageWish& wish, std::vector<CallerUsage>& out);

  std::array<Shard, kShards> shards_;  // in the order of the callers' first byte
  std::mutex limits_mutex_;            // taken last
  std::unordered_set<SharedLimits, LimitsHash, SameLimits> limits_;
};

}  // namespace bearerd::state
