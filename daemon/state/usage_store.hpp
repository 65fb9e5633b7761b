// Where usage is counted, and where a caller's standing is asked for: in this daemon, or in a Redis that several share.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "observe/metrics.hpp"
#include "state/caller_id.hpp"
#include "state/standing.hpp"
#include "state/window.hpp"

namespace bearerd::state {

// UNIX time, as the windows count.
[[nodiscard]] constexpr std::int64_t second_of(base::WallTime time) noexcept {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

struct LimitQuestion {
  UsageKey key;
  Limits limits;
  std::int64_t now = 0;
  bool counts = true;  // false: only looks, and leaves no trace
};

// The store can't say, and the settings say to refuse then.
struct NoStanding {};

// A question under way. Any thread.
class PendingStanding {
 public:
  virtual ~PendingStanding() = default;
  // When to give up.
  [[nodiscard]] virtual base::SteadyTime deadline() const noexcept = 0;
  // Nothing while there is no answer.
  [[nodiscard]] virtual std::optional<std::variant<Standing, NoStanding>> find() = 0;
  // There is no time left: what the settings say for a store that does not answer.
  [[nodiscard]] virtual std::variant<Standing, NoStanding> give_up() = 0;
};

using LimitAnswer = std::variant<Standing, NoStanding, std::shared_ptr<PendingStanding>>;

// What a gateway reports after the answer is known.
struct UsageReport {
  UsageKey key;  // of a deployment
  std::uint64_t tokens = 0;
  std::uint64_t nanodollars = 0;
  std::string idempotency_key;  // empty: none
  std::int64_t now = 0;
};
enum class Recorded : std::uint8_t { kCounted = 1, kRepeated };
// In bearerd_usage_recorded_total.
void count_recorded(observe::Metrics& metrics, const UsageReport& report) noexcept;

// Everything that is known of one caller.
struct CallerUsage {
  CallerId caller;
  struct Counter {
    std::uint64_t deployment = kCostOfCaller;
    std::vector<UsageEntry> entries;
    std::optional<Limits> limits;  // as the caller's last request had them; unknown after a start
  };
  std::vector<Counter> counters;
};
struct UsagePage {
  std::vector<CallerUsage> callers;  // ascending
  bool has_more = false;             // ask again, after the last one
};
struct PageWish {
  std::optional<CallerId> only, after;
  std::size_t max_callers = 100;
};

// Any thread. check() never waits; the others may.
class UsageStore {
 public:
  virtual ~UsageStore() = default;
  // Counts the request when no limit is reached, unless it is only looked at. `resume` is called once, from any thread,
  // when a pending answer is there; null: there is no time to wait.
  [[nodiscard]] virtual LimitAnswer check(const LimitQuestion& question, const std::function<void()>* resume) = 0;
  [[nodiscard]] virtual base::Result<Recorded> record(const UsageReport& report) = 0;
  [[nodiscard]] virtual base::Result<UsagePage> list(const PageWish& wish) = 0;
  // What an operator should know now; empty: all is well.
  [[nodiscard]] virtual std::string fault() const = 0;
  // In memory, for the metric.
  [[nodiscard]] virtual std::size_t counters() const = 0;
};

}  // namespace bearerd::state
