// The last decisions, held in memory with what other settings would need to decide them anew: never a token, nor who
// its bearer is but for the hash of the logs.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/reason.hpp"
#include "runtime/snapshot.hpp"
#include "settings/api_key_hash.hpp"
#include "state/window.hpp"
#include "verify/authenticator.hpp"
#include "verify/verdict_cache.hpp"
#include "verify/worker.hpp"

namespace bearerd::verify {

struct PastEntry {
  std::string digest;
  std::size_t place = 0;  // in file order
  bool takes_opaque = false;
};

// What was in force. One for all decisions of a snapshot and worker.
struct DecidedUnder {
  std::uint64_t static_generation = 0, dynamic_generation = 0;
  std::map<std::string, PastEntry, std::less<>> providers;
  std::vector<std::string> claims;  // that were kept of tokens
  std::size_t max_token_bytes = 0, max_identity_bytes = 0;
  std::uint64_t api_keys = 0;  // differs with the keys and from where they are taken
  bool had_api_keys = false;   // else their header was not looked at
};
[[nodiscard]] std::uint64_t fingerprint_of_keys(const settings::Settings& settings);
[[nodiscard]] std::shared_ptr<const DecidedUnder> decided_under(const runtime::Snapshot& snapshot);

// A claim's values as tags, of their lower case: they can be compared, and not read.
struct TaggedClaim {
  std::string name;
  std::vector<TokenTag> values;
  bool is_ascii = true;  // else case can't be ignored as rules do it
};

struct PastDecision {
  std::uint64_t number = 0;  // ascending; the order in which they were kept
  base::WallTime at{};
  base::Reason reason = base::Reason::kInternal;
  std::shared_ptr<const DecidedUnder> under;
  std::string provider;                         // "none" and "api_key" as in metrics
  std::string user;                             // as in logs; empty: not known
  std::optional<settings::ApiKeyHash> api_key;  // of a known one
  std::vector<std::string> roles;
  std::vector<TaggedClaim> claims;
  std::optional<TokenTag> issuer;      // as in TokenOrigin
  std::optional<base::Reason> opaque;  // as in TokenOrigin
  std::optional<std::chrono::seconds> token_age;
  std::string method, path, host, resource;  // as the rules saw them
  std::string deployment, route;             // configured names; empty when none decided
  std::optional<state::Window> limit;        // that was reached
  bool has_credential = false;
  bool is_authenticated = false;  // who it is was found, and nothing but access and limits was left
  bool is_question = false;       // false: refused before there was one
  bool is_cut = false;            // too long to be kept whole, so it can't be decided anew
  // Of the windows that were limited, what was used before; -1: not known.
  std::array<std::int64_t, state::kWindowCount> used{};
};

// What a worker knows of a decision when it tells it.
struct DecisionFacts {
  const Request& request;
  const Decision& decision;
  std::string_view provider, deployment, route;
  std::optional<std::chrono::seconds> token_age;
  TokenOrigin origin;
  const settings::ApiKeyHash* api_key = nullptr;
};

class RecentDecisions {
 public:
  // One worker's. It is the only one that keeps; readers come from other threads.
  class Shard {
   public:
    explicit Shard(RecentDecisions& all) noexcept : all_(all) {}
    // Another capacity than before forgets what is kept.
    void resize(std::size_t capacity);
    [[nodiscard]] bool is_on() const noexcept { return !slots_.empty(); }
    // Never waits: while somebody reads, the decision is left out and counted.
    void keep(const DecisionFacts& facts, base::WallTime at, const std::shared_ptr<const DecidedUnder>& under,
              TokenHasher& hasher);

   private:
    friend class RecentDecisions;
    RecentDecisions& all_;
    std::mutex mutex_;
    std::vector<PastDecision> slots_;  // a ring; texts keep their memory
    std::size_t next_ = 0;
    bool is_full_ = false;
  };

  // Numbers follow this one. Who reads goes on over a restart, so they should be higher than those before it.
  explicit RecentDecisions(std::uint64_t last_number = 0) noexcept : last_number_(last_number) {}

  // Any thread. The shard lives as long as this.
  [[nodiscard]] Shard& add_shard();

  // Those with a higher number, the oldest first; all, when this number was never given here.
  [[nodiscard]] std::vector<PastDecision> after(std::uint64_t number, std::size_t most) const;
  // How many are kept at most; 0: none are.
  [[nodiscard]] std::size_t capacity() const;
  [[nodiscard]] std::uint64_t left_out() const noexcept { return left_out_.load(std::memory_order_relaxed); }

 private:
  mutable std::mutex shards_mutex_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::atomic<std::uint64_t> last_number_, left_out_{0};
};

}  // namespace bearerd::verify
