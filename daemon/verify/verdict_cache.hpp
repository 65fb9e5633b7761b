// Tokens that were verified, remembered under a keyed hash: neither the token nor anything it could be made from is
// kept.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "jose/validity.hpp"
#include "state/revocation_set.hpp"
#include "verify/worker.hpp"

namespace bearerd::verify {

// SipHash-2-4 with 128 bits under a random key of this process. A keyed MAC: who does not have the key can't find a
// second token with the same tag, so comparing tags is comparing tokens.
struct TokenTag {
  std::uint64_t high = 0, low = 0;
  friend bool operator==(const TokenTag&, const TokenTag&) = default;
};

// Not thread-safe: one per worker, so that the hot path has no lock. All hashers of one process share one key.
class TokenHasher {
 public:
  TokenHasher();
  ~TokenHasher();
  TokenHasher(const TokenHasher&) = delete;
  TokenHasher& operator=(const TokenHasher&) = delete;
  [[nodiscard]] TokenTag tag(std::string_view token);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// What the verifier and the plugin found, never an access decision. Everything that can change is looked at again at
// each hit.
struct Verdict {
  std::shared_ptr<const Identity> identity;
  jose::Lifetime lifetime;
  std::string issuer;                // to route again after a reload
  std::uint64_t provider_epoch = 0;  // settings and plugin file
  std::uint64_t keys_epoch = 0;      // content of the key set
  std::uint64_t snapshot_epoch = 0;  // what is baked into identity->headers
  std::size_t provider = 0;          // index in the snapshot that `snapshot` names
  std::size_t key_source = 0;
  std::uint64_t snapshot = 0;  // address-free name of the snapshot in which `provider` was found
  base::SteadyTime made_at{};
  // A provider's word, which it may take back at any time.
  base::SteadyTime holds_until = base::SteadyTime::max();
  base::SteadyTime renew_at = base::SteadyTime::max();  // before that: from then on it is asked for anew
  bool is_opaque = false;                               // not verified here: neither the issuer nor keys vouch for it
  // What of the token can be revoked; null when nothing was revoked as it was verified.
  std::shared_ptr<const state::TokenTraces> traces;
  // The lists that it was last found not to be on.
  std::uint64_t cleared_listed = 0, cleared_stored = 0;
};

// Set-associative and bounded: a full set gives up its least recently used entry. Not thread-safe.
class VerdictCache {
 public:
  // `entries` is rounded up to whole sets of a power of two; 0 switches it off.
  explicit VerdictCache(std::size_t entries);

  // Null: not there. The pointer is valid until the next put().
  [[nodiscard]] Verdict* find(TokenTag tag) noexcept;
  // True when an entry had to go.
  bool put(TokenTag tag, Verdict verdict);
  void clear() noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool is_off() const noexcept { return set_count_ == 0; }

 private:
  static constexpr std::size_t kWays = 8;
  struct Slot {
    TokenTag tag;
    std::uint32_t used_at = 0;         // logical time; 0: empty
    std::unique_ptr<Verdict> verdict;  // apart, so that a set's tags share cache lines and an empty cache is small
  };
  [[nodiscard]] Slot* set_of(TokenTag tag) noexcept;
  [[nodiscard]] Slot* slot_of(TokenTag tag) noexcept;

  std::size_t set_count_ = 0;
  std::vector<Slot> slots_;  // made at the first put()
  std::uint32_t time_ = 0;
  std::size_t size_ = 0;
};

}  // namespace bearerd::verify
