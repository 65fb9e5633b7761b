// What one counter has seen, as a list of sums that grow coarser with age: by seconds for the last minute, by minutes
// for the last hour, by hours for the last day, by days for 30 days. Because the buckets of all windows nest, each
// window's sum is exact, and no window needs a ring of its own: a counter that was used once is one entry.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "state/window.hpp"

namespace bearerd::state {

struct UsageEntry {
  std::uint32_t second = 0;  // UNIX time; one of its bucket's
  std::uint32_t requests = 0;
  std::uint64_t amount = 0;  // tokens, or nanodollars
  friend bool operator==(const UsageEntry&, const UsageEntry&) = default;
};

// Not thread-safe. Sums saturate.
class UsageSeries {
 public:
  void add(const UsageEntry& entry, std::int64_t now);
  void replace(std::span<const UsageEntry> entries) { entries_.assign(entries.begin(), entries.end()); }
  // Ascending by second.
  [[nodiscard]] std::span<const UsageEntry> entries() const noexcept { return entries_; }
  // No window holds anything of it any more.
  [[nodiscard]] bool is_over(std::int64_t now) const noexcept;
  // Drops what no window holds any more, and joins what has grown old enough.
  void coarsen(std::int64_t now);

 private:
  void make_room(std::int64_t now);
  std::vector<UsageEntry> entries_;
};

// For the stores: 16 bytes an entry, little-endian.
[[nodiscard]] std::string to_bytes(std::span<const UsageEntry> entries);
// Nothing when these are no such bytes.
[[nodiscard]] std::optional<std::vector<UsageEntry>> parse_entries(std::string_view bytes);

}  // namespace bearerd::state
