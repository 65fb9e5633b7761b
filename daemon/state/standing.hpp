// Where a caller stands with its limits: how much of each is used, and whether one is reached.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "state/usage_series.hpp"
#include "state/window.hpp"

namespace bearerd::state {

struct WindowStanding {
  Window window = Window::kTokensMinute;
  std::int64_t limit = 0, used = 0;
  // Until less is used than now: the oldest bucket leaves, or, of a window that is reached, enough of them. 0: nothing
  // is used.
  std::int64_t seconds_to_more = 0;
  [[nodiscard]] std::int64_t left() const noexcept { return used >= limit ? 0 : limit - used; }
};

struct Standing {
  [[nodiscard]] std::span<const WindowStanding> limited() const noexcept { return {windows.data(), count}; }
  // Of the windows that are reached, the one that holds the caller back longest.
  std::optional<Window> reached;
  std::chrono::seconds retry_after{0};  // until none is reached any more, if nothing is used in between
  std::array<WindowStanding, kWindowCount> windows;
  std::size_t count = 0;  // only windows with a limit are listed
};

// The sum of what still counts in this window. `usage`: of the window's quantity.
[[nodiscard]] std::int64_t used_in(const WindowShape& shape, std::span<const UsageEntry> usage,
                                   std::int64_t now) noexcept;

// `usage`: tokens and requests of a caller and deployment; `cost`: of the caller. `now`: UNIX time. Allocates nothing.
[[nodiscard]] Standing stand(std::span<const UsageEntry> usage, std::span<const UsageEntry> cost, const Limits& limits,
                             std::int64_t now) noexcept;
// One more request was let in.
void count_request(Standing& standing, std::int64_t now) noexcept;

}  // namespace bearerd::state
