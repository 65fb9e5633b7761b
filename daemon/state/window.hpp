// The sliding windows that usage is limited in, as DIAL Core has them: a window is a number of whole buckets of UTC,
// the running one included. Buckets nest: seconds make minutes, minutes hours, hours days.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace bearerd::state {

enum class Window : std::uint8_t {
  kTokensMinute = 1,
  kTokensDay,
  kTokensWeek,
  kTokensMonth,
  kRequestsHour,
  kRequestsDay,
  kCostMinute,
  kCostDay,
  kCostWeek,
  kCostMonth,
};
inline constexpr std::size_t kWindowCount = 10;

// Tokens and requests are counted for a caller and a deployment, cost for a caller: in nanodollars, because a token may
// cost less than a microdollar.
enum class Quantity : std::uint8_t { kTokens = 1, kRequests, kCost };
inline constexpr double kNanodollars = 1e9;  // in a dollar

struct WindowShape {
  Window window;
  std::string_view name;  // public: log lines, headers, the admin API
  Quantity quantity;
  std::int64_t bucket_seconds, buckets;

  [[nodiscard]] constexpr std::int64_t seconds() const noexcept { return bucket_seconds * buckets; }
  // The first second that still counts at `now`.
  [[nodiscard]] constexpr std::int64_t begin(std::int64_t now) const noexcept {
    return (now / bucket_seconds - buckets + 1) * bucket_seconds;
  }
  // The first second at which what happened at `second` counts no more.
  [[nodiscard]] constexpr std::int64_t end_of(std::int64_t second) const noexcept {
    return (second / bucket_seconds + buckets) * bucket_seconds;
  }
};

inline constexpr std::int64_t kSecond = 1, kMinute = 60, kHour = 3600, kDay = 86'400;
inline constexpr std::array<WindowShape, kWindowCount> kWindows{{
    {Window::kTokensMinute, "tokens_minute", Quantity::kTokens, kSecond, 60},
    {Window::kTokensDay, "tokens_day", Quantity::kTokens, kHour, 24},
    {Window::kTokensWeek, "tokens_week", Quantity::kTokens, kDay, 7},
    {Window::kTokensMonth, "tokens_month", Quantity::kTokens, kDay, 30},
    {Window::kRequestsHour, "requests_hour", Quantity::kRequests, kMinute, 60},
    {Window::kRequestsDay, "requests_day", Quantity::kRequests, kHour, 24},
    {Window::kCostMinute, "cost_minute", Quantity::kCost, kSecond, 60},
    {Window::kCostDay, "cost_day", Quantity::kCost, kHour, 24},
    {Window::kCostWeek, "cost_week", Quantity::kCost, kDay, 7},
    {Window::kCostMonth, "cost_month", Quantity::kCost, kDay, 30},
}};
[[nodiscard]] constexpr const WindowShape& shape_of(Window window) noexcept {
  return kWindows[static_cast<std::size_t>(window) - 1];
}

// The most that each window may hold.
struct Limits {
  static constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

  constexpr Limits() noexcept { most.fill(kUnlimited); }
  [[nodiscard]] constexpr std::int64_t& of(Window window) noexcept {
    return most[static_cast<std::size_t>(window) - 1];
  }
  [[nodiscard]] constexpr std::int64_t of(Window window) const noexcept {
    return most[static_cast<std::size_t>(window) - 1];
  }
  // A limit of 0 or less is no limit to be reached: such a caller may not use the deployment at all.
  [[nodiscard]] bool forbids() const noexcept {
    for (const std::int64_t limit : most) {
      if (limit <= 0) return true;
    }
    return false;
  }
  friend bool operator==(const Limits&, const Limits&) = default;

  std::array<std::int64_t, kWindowCount> most;  // in the order of kWindows
};

}  // namespace bearerd::state
