// How one log line is spelled, as JSON or for people. No state, no queue.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "observe/log.hpp"

namespace bearerd::observe {

struct LineStyle {
  Format format = Format::kJson;
  bool has_priority_prefix = false;
  bool has_colours = false;  // text only
};

[[nodiscard]] std::string_view name(Level level) noexcept;

// A whole line with its newline. No value, wherever it came from, can add a second line or steer a terminal.
[[nodiscard]] std::string format_line(const LineStyle& style, base::WallTime time, Level level, std::string_view event,
                                      std::string_view text, std::span<const Field> fields);
// The same for the journal: the line is its MESSAGE, the priority its PRIORITY, and each field one such as
// BEARERD_REASON.
[[nodiscard]] std::string format_record(const LineStyle& style, base::WallTime time, Level level,
                                        std::string_view event, std::string_view text, std::span<const Field> fields);
[[nodiscard]] inline std::string format_line(const LineStyle& style, base::WallTime time, Level level,
                                             std::string_view event, std::string_view text,
                                             std::initializer_list<Field> fields) {
  return format_line(style, time, level, event, text, std::span<const Field>(fields.begin(), fields.size()));
}

}  // namespace bearerd::observe
