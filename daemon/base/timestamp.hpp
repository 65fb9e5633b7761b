// Points in time as people and JSON write them (RFC 3339 §5.6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bearerd::base {

struct Timestamp {
  std::int64_t seconds = 0;  // since the UNIX epoch
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

// "2026-11-25T03:00:00Z", or with an offset; a fraction of a second counts as the second after it. From 1970 to 9999; a
// leap second is none. Nothing when it is not exactly that.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text) noexcept;

// In UTC, whole seconds. `time` is from 1970 to 9999.
[[nodiscard]] std::string to_text(Timestamp time);

}  // namespace bearerd::base
