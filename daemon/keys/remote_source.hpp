// One source whose keys are fetched: what is known of it, and what is due when.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "keys/absent_names.hpp"
#include "keys/cached_key_set.hpp"
#include "keys/key_fetch.hpp"
#include "keys/key_store.hpp"
#include "keys/keyed_hash.hpp"

namespace bearerd::keys {

// Any thread may use it as a KeySource; load_from_disk, next_event and run_due belong to its worker (or a test), one
// thread at a time.
class RemoteSource final : public KeySource {
 public:
  static constexpr std::size_t kMostWaiting = 1024;
  static constexpr std::size_t kMostAbsent = 1024;

  // `wake` tells the worker that something may be due now; it is called without locks, also while the source is
  // destroyed.
  RemoteSource(KeySourceSettings settings, SourceEnvironment environment, std::function<void()> wake);
  ~RemoteSource() override;
  RemoteSource(const RemoteSource&) = delete;
  RemoteSource& operator=(const RemoteSource&) = delete;

  [[nodiscard]] std::shared_ptr<const jose::KeySet> current() const override;
  [[nodiscard]] std::uint64_t epoch() const noexcept override { return epoch_.load(std::memory_order_acquire); }
  [[nodiscard]] KeySourceStatus status() const override;
  [[nodiscard]] WantedAnswer want(std::string_view key_name, std::function<void()> done) override;
  void refresh() override;
  [[nodiscard]] const KeySourceSettings& settings() const noexcept override { return settings_; }

  // Takes the last good copy, when it is not too old. A fetch stays due.
  void load_from_disk();
  // When run_due has something to do next.
  [[nodiscard]] base::SteadyTime next_event() const;
  // Does what is due: keys grow stale or too old, or are fetched (this blocks for the network, without the lock).
  void run_due();
  // Nobody will fetch any more: whoever waits is told, and want() says kUnavailable.
  void stop();

 private:
  struct Waiter {
    std::uint64_t name_hash;
    std::function<void()> done;
    bool has_joined_late = false;  // the fetch had begun before
  };
  struct Aging {
    bool has_become_stale = false;
    bool has_expired = false;
  };

  // These need the lock.
  [[nodiscard]] bool has_usable_set(base::SteadyTime now) const;
  [[nodiscard]] bool holds_key(std::string_view key_name) const;
  [[nodiscard]] WantedAnswer wait(std::uint64_t name_hash, std::function<void()> done, base::SteadyTime now);
  [[nodiscard]] Aging grow_older(base::SteadyTime now);
  [[nodiscard]] std::string known_discovery(base::SteadyTime now) const;
  bool replace_keys(jose::KeySet keys, std::string content);
  void plan(base::SteadyTime fetched_at, std::chrono::milliseconds lifetime);
  [[nodiscard]] std::vector<Waiter> end_fetch();

  // These take it.
  void adopt(FetchedKeys fetched, base::SteadyTime started);
  void note_failure(const FetchTrouble& trouble);
  [[nodiscard]] base::Result<void> take_copy(const CachedKeySet& cached);
  static void tell(const std::vector<Waiter>& waiters);
  void warn(std::string_view event, std::string_view text) const;
  void report_aging(const Aging& aging) const;
  void report_success(const FetchedKeys& fetched, bool has_recovered, bool has_changed) const;
  void store(FetchedKeys fetched, base::WallTime fetched_at, bool has_changed);

  const KeySourceSettings settings_;
  const SourceEnvironment environment_;
  const std::function<void()> wake_;
  const HashKey hash_key_;

  mutable std::mutex mutex_;
  std::atomic<std::uint64_t> epoch_;
  std::shared_ptr<const jose::KeySet> keys_;  // null: no set, or one without a usable key
  std::string content_;                       // canonical, of the set
  bool has_set_ = false;                      // a set is known, though it may be empty
  std::uint64_t fetches_ = 0;                 // that ended
  bool is_from_disk_ = false;
  bool is_known_stale_ = false;
  bool is_stopped_ = false;
  std::string last_error_;
  base::WallTime last_success_{};
  base::SteadyTime fresh_until_{}, stale_until_{};

  std::string discovery_;
  base::SteadyTime discovered_at_{};

  base::SteadyTime next_fetch_;
  unsigned failures_ = 0;  // in a row
  bool is_fetching_ = false;
  bool is_awaited_ = false;  // a fetch was asked for and has not begun
  base::SteadyTime cooldown_until_{};
  AbsentNames absent_{kMostAbsent};
  std::vector<Waiter> waiters_;

  base::WallTime stored_at_{};  // the worker's alone
};

}  // namespace bearerd::keys
