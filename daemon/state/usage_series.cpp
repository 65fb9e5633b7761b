#include "state/usage_series.hpp"

#include <algorithm>
#include <limits>

namespace bearerd::state {
namespace {

constexpr std::size_t kEntryBytes = 16;
// A series holds at most 60 + 60 + 24 + 30 entries and what came since it was last made coarser.
constexpr std::size_t kMaxEntries = 4096;

template <class T>
void add_saturating(T& sum, T more) {
  sum = more > std::numeric_limits<T>::max() - sum ? std::numeric_limits<T>::max() : sum + more;
}

void join(UsageEntry& into, const UsageEntry& entry) {
  add_saturating(into.requests, entry.requests);
  add_saturating(into.amount, entry.amount);
}

// How wide the buckets of something this old are.
std::int64_t grain(std::int64_t second, std::int64_t now) {
  if (second >= shape_of(Window::kTokensMinute).begin(now)) return kSecond;
  if (second >= shape_of(Window::kRequestsHour).begin(now)) return kMinute;
  if (second >= shape_of(Window::kTokensDay).begin(now)) return kHour;
  return kDay;
}

template <class T>
void append_little_endian(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) out += static_cast<char>(value >> (8 * i));
}

template <class T>
T read_little_endian(std::string_view bytes) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value |= static_cast<T>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return value;
}

}  // namespace

void UsageSeries::add(const UsageEntry& entry, std::int64_t now) {
  if (!entries_.empty() && entries_.back().second == entry.second) return join(entries_.back(), entry);
  if (entries_.size() == entries_.capacity()) make_room(now);
  // Nearly always at the end; a clock that was set back puts it before.
  const auto place = std::ranges::lower_bound(entries_, entry.second, {}, &UsageEntry::second);
  if (place != entries_.end() && place->second == entry.second) return join(*place, entry);
  entries_.insert(place, entry);
}

void UsageSeries::make_room(std::int64_t now) {
  coarsen(now);
  // Half as much again, not twice: there are many series, and most stay short.
  if (entries_.size() == entries_.capacity()) entries_.reserve(entries_.size() + entries_.size() / 2 + 1);
}

bool UsageSeries::is_over(std::int64_t now) const noexcept {
  return entries_.empty() || entries_.back().second < shape_of(Window::kTokensMonth).begin(now);
}

void UsageSeries::coarsen(std::int64_t now) {
  const std::int64_t begin = shape_of(Window::kTokensMonth).begin(now);
  std::size_t kept = 0;
  for (const UsageEntry& entry : entries_) {
    if (entry.second < begin) continue;
    const std::int64_t width = grain(entry.second, now);
    if (kept > 0 && entries_[kept - 1].second / width == entry.second / width) {
      join(entries_[kept - 1], entry);
    } else {
      entries_[kept++] = entry;
    }
  }
  entries_.resize(kept);
}

std::string to_bytes(std::span<const UsageEntry> entries) {
  std::string bytes;
  bytes.reserve(entries.size() * kEntryBytes);
  for (const UsageEntry& entry : entries) {
    append_little_endian(bytes, entry.second);
    append_little_endian(bytes, entry.requests);
    append_little_endian(bytes, entry.amount);
  }
  return bytes;
}

std::optional<std::vector<UsageEntry>> parse_entries(std::string_view bytes) {
  if (bytes.size() % kEntryBytes != 0 || bytes.size() > kMaxEntries * kEntryBytes) return std::nullopt;
  std::vector<UsageEntry> entries;
  entries.reserve(bytes.size() / kEntryBytes);
  for (; !bytes.empty(); bytes.remove_prefix(kEntryBytes)) {
    UsageEntry entry;
    entry.second = read_little_endian<std::uint32_t>(bytes);
    entry.requests = read_little_endian<std::uint32_t>(bytes.substr(4));
    entry.amount = read_little_endian<std::uint64_t>(bytes.substr(8));
    if (!entries.empty() && entries.back().second >= entry.second) return std::nullopt;
    entries.push_back(entry);
  }
  return entries;
}

}  // namespace bearerd::state
