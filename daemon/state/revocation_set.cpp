#include "state/revocation_set.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/unique_number.hpp"
#include "state/state_key.hpp"

namespace bearerd::state {
namespace {

CallerId handle_of(const base::Secret& key, RevocationKind kind, std::string_view provider, std::string_view value) {
  return keyed_handle(key, std::array{name(kind), provider, value});
}

std::optional<std::int64_t> seconds_of(const std::optional<base::Timestamp>& time) {
  return time ? std::optional(time->seconds) : std::nullopt;
}

// The later of two ends; absent is no end.
std::optional<std::int64_t> later(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  return a && b ? std::optional(std::max(*a, *b)) : std::nullopt;
}

bool is_past(const std::optional<std::int64_t>& until, std::int64_t now) noexcept { return until && *until <= now; }

CallerId caller_of(const base::Secret& key, const settings::Revocation& revocation) {
  if (!revocation.is_caller)
    return keyed_handle(key, std::array<std::string_view, 2>{revocation.provider, revocation.value});
  const auto caller = parse_caller(revocation.value);
  if (!caller) throw std::logic_error("a caller that was checked is none");
  return *caller;
}

std::string decimal(std::optional<std::int64_t> value) { return value ? std::to_string(*value) : std::string(); }

bool is_of_user(RevocationKind kind) {
  return kind == RevocationKind::kSubject || kind == RevocationKind::kSubjectBefore;
}

bool is_older(std::optional<std::int64_t> issued_at, std::int64_t moment) noexcept {
  return !issued_at || *issued_at < moment;
}

}  // namespace

std::string to_text(const RevocationMark& mark) { return std::string(name(mark.kind)) + "." + to_text(mark.handle); }

std::optional<RevocationMark> parse_mark(std::string_view text) noexcept {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto handle = parse_caller(text.substr(dot + 1));
  if (!handle) return std::nullopt;
  for (const RevocationKind kind : settings::kRevocationKinds) {
    if (name(kind) == text.substr(0, dot)) return RevocationMark{kind, *handle};
  }
  return std::nullopt;
}

RevocationEntry join(const RevocationEntry& a, const RevocationEntry& b) {
  return {a.mark, std::max(a.issued_before, b.issued_before), later(a.until, b.until),
          std::max(a.added_at, b.added_at)};
}

bool has_ended(const RevocationEntry& entry, std::int64_t now) noexcept { return is_past(entry.until, now); }

CallerId seal(const base::Secret& key, std::string_view purpose, const RevocationEntry& entry) {
  const std::string mark = to_text(entry.mark);
  const std::string issued_before = decimal(entry.issued_before);
  const std::string until = decimal(entry.until);
  const std::string added_at = std::to_string(entry.added_at);
  return keyed_handle(key, std::array<std::string_view, 5>{purpose, mark, issued_before, until, added_at});
}

RevocationEntry make_entry(const base::Secret& key, const settings::Revocation& revocation) {
  RevocationEntry entry;
  entry.mark.kind = revocation.kind;
  entry.mark.handle = is_of_user(revocation.kind)
                          ? caller_of(key, revocation)
                          : handle_of(key, revocation.kind, revocation.provider, revocation.value);
  entry.issued_before = seconds_of(revocation.issued_before);
  entry.until = seconds_of(revocation.until);
  return entry;
}

TokenTraces make_traces(const base::Secret& key, const TokenNames& names) {
  const auto trace = [&](RevocationKind kind, std::string_view value) -> std::optional<CallerId> {
    if (value.empty()) return std::nullopt;
    return handle_of(key, kind, names.provider, value);
  };
  TokenTraces traces;
  traces.token = trace(RevocationKind::kToken, names.token);
  traces.session = trace(RevocationKind::kSession, names.session);
  traces.key = trace(RevocationKind::kKey, names.key);
  traces.provider = handle_of(key, RevocationKind::kProviderBefore, names.provider, {});
  const auto caller = parse_caller(names.caller);
  if (!caller) throw std::logic_error("an identity has no caller");
  traces.subject = *caller;
  return traces;
}

RevocationSet::RevocationSet(std::span<const RevocationEntry> entries, std::optional<std::int64_t> everything_before)
    : serial_(base::next_unique()), everything_before_(everything_before) {
  entries_.reserve(entries.size());
  for (const RevocationEntry& entry : entries) add(entry);
}

std::shared_ptr<const RevocationSet> RevocationSet::empty() {
  static const auto none = std::make_shared<const RevocationSet>(std::span<const RevocationEntry>{});
  return none;
}

// Said twice, it is what either says.
void RevocationSet::add(const RevocationEntry& entry) {
  const auto [place, is_new] = entries_.try_emplace(entry.mark, Terms{entry.issued_before, entry.until});
  if (is_new) {
    ++counts_.at(static_cast<std::size_t>(entry.mark.kind) - 1);
    return;
  }
  Terms& terms = place->second;
  terms.issued_before = std::max(terms.issued_before, entry.issued_before);
  terms.until = later(terms.until, entry.until);
}

bool RevocationSet::holds(RevocationKind kind, const CallerId& handle, std::optional<std::int64_t> issued_at,
                          std::int64_t now) const noexcept {
  if (counts_[static_cast<std::size_t>(kind) - 1] == 0) return false;
  const auto found = entries_.find(RevocationMark{kind, handle});
  if (found == entries_.end()) return false;
  const Terms& terms = found->second;
  if (is_past(terms.until, now)) return false;
  return !terms.issued_before || is_older(issued_at, *terms.issued_before);
}

std::size_t RevocationSet::count_in_force(std::int64_t now) const noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(entries_, [&](const auto& entry) { return !is_past(entry.second.until, now); }));
}

bool RevocationSet::revokes(const TokenTraces* traces, std::optional<std::int64_t> issued_at,
                            std::int64_t now) const noexcept {
  if (everything_before_ && is_older(issued_at, *everything_before_)) return true;
  if (entries_.empty()) return false;
  return traces == nullptr || find(*traces, issued_at, now).has_value();
}

std::optional<RevocationMark> RevocationSet::find(const TokenTraces& traces, std::optional<std::int64_t> issued_at,
                                                  std::int64_t now) const noexcept {
  const auto pointer = [](const std::optional<CallerId>& handle) { return handle ? &*handle : nullptr; };
  const std::array<std::pair<RevocationKind, const CallerId*>, 6> looked_for{
      {{RevocationKind::kToken, pointer(traces.token)},
       {RevocationKind::kSession, pointer(traces.session)},
       {RevocationKind::kKey, pointer(traces.key)},
       {RevocationKind::kSubject, &traces.subject},
       {RevocationKind::kSubjectBefore, &traces.subject},
       {RevocationKind::kProviderBefore, &traces.provider}}};
  for (const auto& [kind, handle] : looked_for) {
    if (handle != nullptr && holds(kind, *handle, issued_at, now)) return RevocationMark{kind, *handle};
  }
  return std::nullopt;
}

std::shared_ptr<const RevocationSet> make_revocation_set(const base::Secret& key,
                                                         const std::vector<settings::Revocation>& revocations) {
  if (revocations.empty()) return RevocationSet::empty();
  std::vector<RevocationEntry> entries;
  entries.reserve(revocations.size());
  for (const settings::Revocation& revocation : revocations) entries.push_back(make_entry(key, revocation));
  return std::make_shared<const RevocationSet>(entries);
}

}  // namespace bearerd::state
