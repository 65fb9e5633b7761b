#include "state/standing.hpp"

#include <algorithm>
#include <limits>

namespace bearerd::state {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::int64_t value_of(const UsageEntry& entry, Quantity quantity) noexcept {
  if (quantity == Quantity::kRequests) return entry.requests;
  return entry.amount > static_cast<std::uint64_t>(kMost) ? kMost : static_cast<std::int64_t>(entry.amount);
}

std::int64_t add(std::int64_t a, std::int64_t b) noexcept { return b > kMost - a ? kMost : a + b; }

// A sum that goes back in time: windows of one quantity come in the order of their length, so each goes on where the
// shorter one ended.
struct Walk {
  std::span<const UsageEntry> usage;
  std::size_t first = usage.size();  // of what is summed
  std::int64_t used = 0;

  void widen(const WindowShape& shape, std::int64_t now) noexcept {
    const std::int64_t begin = shape.begin(now);
    while (first > 0 && usage[first - 1].second >= begin) used = add(used, value_of(usage[--first], shape.quantity));
  }
};

// When so many buckets have left that less than `limit` is used; of a window that is not reached, when the first does.
std::int64_t seconds_to_more(const WindowShape& shape, std::span<const UsageEntry> inside, std::int64_t used,
                             std::int64_t limit, std::int64_t now) noexcept {
  for (const UsageEntry& entry : inside) {
    const std::int64_t value = value_of(entry, shape.quantity);
    if (value == 0) continue;
    used -= value;
    if (used < limit) return std::max<std::int64_t>(1, shape.end_of(entry.second) - now);
  }
  return 0;
}

WindowStanding stand_in(const WindowShape& shape, Walk& walk, std::int64_t limit, std::int64_t now) noexcept {
  walk.widen(shape, now);
  return {shape.window, limit, walk.used,
          seconds_to_more(shape, walk.usage.subspan(walk.first), walk.used, limit, now)};
}

}  // namespace

std::int64_t used_in(const WindowShape& shape, std::span<const UsageEntry> usage, std::int64_t now) noexcept {
  Walk walk{usage};
  walk.widen(shape, now);
  return walk.used;
}

Standing stand(std::span<const UsageEntry> usage, std::span<const UsageEntry> cost, const Limits& limits,
               std::int64_t now) noexcept {
  std::array<Walk, 3> walks{{{usage}, {usage}, {cost}}};  // in the order of Quantity
  Standing standing;
  for (const WindowShape& shape : kWindows) {
    const std::int64_t limit = limits.of(shape.window);
    if (limit == Limits::kUnlimited) continue;
    WindowStanding& window = standing.windows[standing.count++];
    window = stand_in(shape, walks[static_cast<std::size_t>(shape.quantity) - 1], limit, now);
    const std::chrono::seconds wait(window.seconds_to_more);
    const bool is_reached = window.used >= limit;
    if (is_reached && (!standing.reached || wait > standing.retry_after)) {
      standing.reached = shape.window;
      standing.retry_after = wait;
    }
  }
  return standing;
}

void count_request(Standing& standing, std::int64_t now) noexcept {
  for (WindowStanding& window : std::span(standing.windows.data(), standing.count)) {
    const WindowShape& shape = shape_of(window.window);
    if (shape.quantity != Quantity::kRequests) continue;
    if (window.used == 0) window.seconds_to_more = shape.end_of(now) - now;
    window.used = add(window.used, 1);
  }
}

}  // namespace bearerd::state
