// Log lines for people and machines, through a bounded queue to one writer thread: never waited for, counted when
// dropped.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.hpp"
#include "base/reason.hpp"

namespace bearerd::observe {

enum class Level : std::uint8_t { kDebug = 1, kInfo, kNotice, kWarning, kError };
enum class Format : std::uint8_t { kJson = 1, kText };

// A named value of a line. Names are ours, never from outside; values must hold no token, claim, secret or query.
struct Field {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool> value;
};

// What the contract lists for a decision line. Views are lent for the call.
struct DecisionLine {
  base::Reason reason = base::Reason::kInternal;
  std::string_view provider;  // "none", "api_key" or a name
  std::string_view user;      // the user key (hex), empty: unknown
  std::string_view project, resource, method, request_id;
  std::string_view limit;  // the window that was used up, empty: none
  std::chrono::nanoseconds duration{0};
};

// Any thread.
class Log {
 public:
  struct Options {
    int fd = 2;
    Format format = Format::kJson;
    Level level = Level::kInfo;
    std::size_t max_queued = 8192;
    bool has_priority_prefix = false;  // "<4>" before each line: standard error goes to the journal ($JOURNAL_STREAM)
    std::string journal;               // where the journal listens: lines go there, with fields; no one there: to fd
    const base::Clock* clock = nullptr;
  };
  explicit Log(const Options& options);
  ~Log();  // writes what is queued, up to a second
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void write(Level level, std::string_view event, std::string_view text, std::initializer_list<Field> fields = {});
  void write(Level level, std::string_view event, std::string_view text, std::span<const Field> fields);
  // Whatever the level of the log is.
  void write_always(Level level, std::string_view event, std::string_view text, std::span<const Field> fields);
  // Refusals: each (provider, reason) at most `refusals_per_second`, the next line after a gap has "omitted": how many
  // were left out. Allows: only when set_decisions(logs_allows = true).
  void decision(const DecisionLine& line);
  // Once a second: a line for each kind whose last omissions no other line has told.
  void tell_omitted();

  // The settings say it only once there is a log to tell their faults to.
  void set_format(Format format) noexcept;
  void set_level(Level level) noexcept;
  [[nodiscard]] Level level() const noexcept;
  void set_decisions(bool logs_allows, unsigned refusals_per_second) noexcept;
  [[nodiscard]] bool logs_allows() const noexcept;  // cheap: ask before building a line
  [[nodiscard]] std::uint64_t dropped() const noexcept;
  // Waits until everything queued so far is written, a second at most (start, stop, tests).
  void flush();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bearerd::observe
