// The host's side for a plugin under test: look-ups that also answer for objects which no JSON text could be, and that
// notice what the plugin asks for and when.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bearerd/plugin_abi.h"
#include "jose/claims.hpp"

namespace bearerd::check {

using Path = std::vector<std::string>;

// The host that a plugin gets, and what the plugin did with what it was lent. A plugin keeps the host's table: a record
// must live as long as the library is open, and all instances of a library get the same. Any thread.
class Record {
 public:
  // `notes_paths`: which claims are asked for. Costs a lock at each look-up, which would hide races between threads.
  explicit Record(bool notes_paths) noexcept;
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;
  [[nodiscard]] const bearerd_host* host() const noexcept { return &table_.abi; }
  void note_path(const bearerd_text* path, std::size_t size);
  void note_late_look() noexcept { has_late_look_.store(true, std::memory_order_relaxed); }
  void note_log(std::string_view text);

  [[nodiscard]] std::set<Path> paths() const;
  [[nodiscard]] std::string logged() const;
  [[nodiscard]] bool has_late_look() const noexcept { return has_late_look_.load(std::memory_order_relaxed); }

 private:
  struct Table {
    bearerd_host abi;  // first, so that a plugin's pointer to it finds the record again
    Record* record;
  };
  static void log(const bearerd_host* host, bearerd_log_level level, bearerd_text text) noexcept;
  Table table_;
  bool notes_paths_;
  mutable std::mutex mutex_;
  std::set<Path> paths_;
  std::string logged_;
  std::atomic<bool> has_late_look_{false};
};

// What a plugin gets as a bearerd_object: parsed JSON, or an object in which every path leads to one kind of value.
class Probe {
 public:
  Probe(Record& record, const jose::Claims& claims) noexcept : record_(&record), claims_(&claims) {}
  Probe(Record& record, bearerd_kind kind, std::string text)
      : record_(&record), claims_(nullptr), kind_(kind), text_(std::move(text)) {}
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  [[nodiscard]] const bearerd_object* object() const noexcept { return reinterpret_cast<const bearerd_object*>(this); }
  // The call for which it was lent is over: from now on a look is noted, and finds nothing.
  void take_back() noexcept { is_lent_.store(false, std::memory_order_relaxed); }

 private:
  friend struct ProbeLookups;
  Record* record_;
  const jose::Claims* claims_;
  bearerd_kind kind_ = BEARERD_KIND_OBJECT;
  std::string text_;
  std::atomic<bool> is_lent_{true};
};

}  // namespace bearerd::check
