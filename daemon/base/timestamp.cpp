#include "base/timestamp.hpp"

#include <array>
#include <chrono>
#include <cstdio>

#include "base/text.hpp"

namespace bearerd::base {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kEnd = 253'402'300'800;  // 10000-01-01T00:00:00Z

// Takes the text apart from its front.
class Cursor {
 public:
  explicit Cursor(std::string_view text) noexcept : rest_(text) {}

  [[nodiscard]] std::optional<int> number(std::size_t digits, int maximum) noexcept {
    if (rest_.size() < digits) return std::nullopt;
    const auto value = parse_decimal(rest_.substr(0, digits));
    if (!value || *value > static_cast<std::uint64_t>(maximum)) return std::nullopt;
    rest_.remove_prefix(digits);
    return static_cast<int>(*value);
  }
  [[nodiscard]] bool take(std::string_view any_of) noexcept {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  [[nodiscard]] std::string_view digits() noexcept {
    const std::string_view taken = rest_.substr(0, rest_.find_first_not_of("0123456789"));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  [[nodiscard]] bool is_at_end() const noexcept { return rest_.empty(); }
  [[nodiscard]] char front() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }

 private:
  std::string_view rest_;
};

std::optional<std::int64_t> days(Cursor& cursor) noexcept {
  const auto year = cursor.number(4, 9999);
  if (!year || !cursor.take("-")) return std::nullopt;
  const auto month = cursor.number(2, 12);
  if (!month || !cursor.take("-")) return std::nullopt;
  const auto day = cursor.number(2, 31);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

std::optional<std::int64_t> hours_and_minutes(Cursor& cursor) noexcept {
  const auto hour = cursor.number(2, 23);
  if (!hour || !cursor.take(":")) return std::nullopt;
  const auto minute = cursor.number(2, 59);
  if (!minute) return std::nullopt;
  return std::int64_t{*hour} * 3600 + std::int64_t{*minute} * 60;
}

std::optional<std::int64_t> seconds_rounded_up(Cursor& cursor) noexcept {
  if (!cursor.take(":")) return std::nullopt;
  const auto second = cursor.number(2, 59);
  if (!second) return std::nullopt;
  if (!cursor.take(".")) return *second;
  const std::string_view fraction = cursor.digits();
  if (fraction.empty()) return std::nullopt;
  return *second + (fraction.find_first_not_of('0') == std::string_view::npos ? 0 : 1);
}

std::optional<std::int64_t> offset(Cursor& cursor) noexcept {
  if (cursor.take("Zz")) return 0;
  const bool is_behind = cursor.front() == '-';
  if (!cursor.take("+-")) return std::nullopt;
  const auto value = hours_and_minutes(cursor);
  if (!value) return std::nullopt;
  return is_behind ? -*value : *value;
}

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) noexcept {
  Cursor cursor(text);
  const auto date = days(cursor);
  if (!date || !cursor.take("Tt")) return std::nullopt;
  const auto time = hours_and_minutes(cursor);
  if (!time) return std::nullopt;
  const auto seconds = seconds_rounded_up(cursor);
  if (!seconds) return std::nullopt;
  const auto ahead = offset(cursor);
  if (!ahead || !cursor.is_at_end()) return std::nullopt;
  const std::int64_t total = *date * kDaySeconds + *time + *seconds - *ahead;
  if (total < 0 || total >= kEnd) return std::nullopt;
  return Timestamp{total};
}

std::string to_text(Timestamp time) {
  const std::chrono::sys_seconds point{std::chrono::seconds(time.seconds)};
  const auto midnight = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss clock(point - midnight);
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", int{date.year()},
                                 unsigned{date.month()}, unsigned{date.day()}, static_cast<int>(clock.hours().count()),
                                 static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace bearerd::base
