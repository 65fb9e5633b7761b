// What is revoked, as handles: HMACs under the state key, which tell nothing about whom they concern.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/secret.hpp"
#include "settings/revocation.hpp"
#include "state/caller_id.hpp"

namespace bearerd::state {

using settings::RevocationKind;

struct RevocationMark {
  RevocationKind kind = RevocationKind::kToken;
  CallerId handle;  // of a user: the same as X-Bearerd-Caller
  friend auto operator<=>(const RevocationMark&, const RevocationMark&) = default;
};
// "jti.<43 characters>": how the admin API names one.
[[nodiscard]] std::string to_text(const RevocationMark& mark);
[[nodiscard]] std::optional<RevocationMark> parse_mark(std::string_view text) noexcept;

// Times are seconds since the UNIX epoch.
struct RevocationEntry {
  RevocationMark mark;
  std::optional<std::int64_t> issued_before;  // exactly with kSubjectBefore and kProviderBefore
  std::optional<std::int64_t> until;          // it ends then; absent: it does not end by itself
  std::int64_t added_at = 0;
  friend bool operator==(const RevocationEntry&, const RevocationEntry&) = default;
};
// Both in force: the later end, and the later moment.
[[nodiscard]] RevocationEntry join(const RevocationEntry& a, const RevocationEntry& b);
// Whether there is nothing left of it at this second.
[[nodiscard]] bool has_ended(const RevocationEntry& entry, std::int64_t now) noexcept;
// Goes with an entry wherever it is kept: a handle with one wrong bit, which no database looks at, revokes nobody.
[[nodiscard]] CallerId seal(const base::Secret& key, std::string_view purpose, const RevocationEntry& entry);
[[nodiscard]] RevocationEntry make_entry(const base::Secret& key, const settings::Revocation& revocation);

// What of a token can be revoked, as handles.
struct TokenTraces {
  std::optional<CallerId> token, session, key;
  CallerId subject, provider;
};
// The same as text, lent; what is empty is not there.
struct TokenNames {
  std::string_view provider, token, session, key;
  std::string_view caller;  // X-Bearerd-Caller
};
[[nodiscard]] TokenTraces make_traces(const base::Secret& key, const TokenNames& names);

// Immutable; any thread.
class RevocationSet {
 public:
  // `everything_before`: every token issued before this second is refused, because nobody knows what was revoked.
  explicit RevocationSet(std::span<const RevocationEntry> entries,
                         std::optional<std::int64_t> everything_before = std::nullopt);
  [[nodiscard]] static std::shared_ptr<const RevocationSet> empty();

  // Unique in this process.
  [[nodiscard]] std::uint64_t serial() const noexcept { return serial_; }
  // Whether traces are needed to answer.
  [[nodiscard]] bool has_entries() const noexcept { return !entries_.empty(); }
  // Those that have not ended.
  [[nodiscard]] std::size_t count_in_force(std::int64_t now) const noexcept;
  [[nodiscard]] bool refuses_everything_old() const noexcept { return everything_before_.has_value(); }
  // A few look-ups. `traces` may be null only without entries. A token that does not say when it was issued can't show
  // that it is young enough.
  [[nodiscard]] bool revokes(const TokenTraces* traces, std::optional<std::int64_t> issued_at,
                             std::int64_t now) const noexcept;

  // By which entry; nothing: by none.
  [[nodiscard]] std::optional<RevocationMark> find(const TokenTraces& traces, std::optional<std::int64_t> issued_at,
                                                   std::int64_t now) const noexcept;

  // For what has no token: the caller of an API key.
  [[nodiscard]] bool revokes_caller(const CallerId& caller, std::int64_t now) const noexcept {
    return holds(RevocationKind::kSubject, caller, std::nullopt, now);
  }

 private:
  struct Terms {
    std::optional<std::int64_t> issued_before, until;
  };
  struct MarkHash {
    [[nodiscard]] std::size_t operator()(const RevocationMark& mark) const noexcept {
      return CallerHash{}(mark.handle) + static_cast<std::size_t>(mark.kind);
    }
  };
  void add(const RevocationEntry& entry);
  [[nodiscard]] bool holds(RevocationKind kind, const CallerId& handle, std::optional<std::int64_t> issued_at,
                           std::int64_t now) const noexcept;

  std::uint64_t serial_;
  std::unordered_map<RevocationMark, Terms, MarkHash> entries_;
  std::array<std::size_t, settings::kRevocationKinds.size()> counts_{};  // by kind: what is not there is not looked up
  std::optional<std::int64_t> everything_before_;
};

[[nodiscard]] std::shared_ptr<const RevocationSet> make_revocation_set(
    const base::Secret& key, const std::vector<settings::Revocation>& revocations);

}  // namespace bearerd::state
