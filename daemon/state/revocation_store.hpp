// The revocations that operators add while the daemon runs: kept on disk, in force from memory.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/published.hpp"
#include "base/secret.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "state/revocation_file.hpp"
#include "state/revocation_set.hpp"
#include "state/shared_revocation.hpp"

namespace bearerd::state {

using RevocationBox = base::Published<RevocationSet>;

struct RevocationStoreOptions {
  std::string directory;  // state.directory
  base::Secret key;       // empty: there is none to keep anything under
  std::chrono::seconds longest_token_life{86'400};
  const base::Clock* clock = nullptr;
  observe::Log* log = nullptr;  // may be null
  observe::Metrics* metrics = nullptr;
  std::size_t max_entries = 100'000;
  std::chrono::milliseconds tick_every{0};  // on a thread of its own; 0: whoever owns the store calls tick()
  bool is_shared = false;                   // with other daemons: see RevocationPeers
};

// The daemons that share their revocations with this one.
class RevocationPeers {
 public:
  virtual ~RevocationPeers() = default;
  // They know when it returns; kUnavailable: they can't be told.
  [[nodiscard]] virtual base::Result<void> end(const SharedRevocation& ended) = 0;
  // There is something new for them. Returns at once.
  virtual void announce() = 0;
};

struct RevocationPage {
  std::vector<RevocationEntry> entries;  // ascending by mark
  bool has_more = false;                 // ask again, after the last one
};

// While what was revoked can't be read, every token issued before that was found is refused, until the file is readable
// again or an operator accepts the loss. Any thread; workers look at the box alone and never wait.
class RevocationStore {
 public:
  // Reads what was kept.
  explicit RevocationStore(RevocationStoreOptions options);

  [[nodiscard]] const RevocationBox& box() const noexcept { return box_; }

  // In force and on disk when it returns; the entry as it is kept. kUnavailable: in force, but not on disk yet, which
  // tick() tries again; or without a state key, under which nothing can be revoked. kTooLarge: there are too many.
  [[nodiscard]] base::Result<RevocationEntry> add(const settings::Revocation& revocation);
  // kNotFound: there is no such entry; kUnavailable also: it is shared, and the others can't be told.
  [[nodiscard]] base::Result<void> remove(const RevocationMark& mark);
  // Those that have not ended.
  [[nodiscard]] RevocationPage list(const std::optional<RevocationMark>& after, std::size_t max_entries) const;
  // Sets the unreadable file aside and starts anew; the file's new name, empty when it was not there. kNotFound:
  // nothing is lost.
  [[nodiscard]] base::Result<std::string> accept_loss();

  // Null: no longer. They outlive that call.
  void share_with(RevocationPeers* peers);
  struct Merged {
    std::vector<RevocationEntry> lacking;  // with the others
    std::string fault;                     // ours can't be read, or can't be kept; empty: all is well
  };
  // Takes in what the others know, in force when it returns, whatever becomes of the disk. A daemon that never had a
  // list takes no older token until it was given a whole one.
  [[nodiscard]] Merged merge(std::span<const SharedRevocation> theirs, bool is_whole);
  // The others have these now.
  void were_shared(std::span<const RevocationEntry> entries);
  [[nodiscard]] bool has_unshared() const;
  // Empty: the others know what we know.
  void set_share_fault(const std::string& text);

  // About once a second, by a thread that may wait for the disk: looks whether an unreadable file was restored, brings
  // a file that is behind up to date, forgets what has ended.
  void tick();

  // What an operator should know; empty: all is well. Waits for no disk: while somebody else does, it is what was known
  // before.
  [[nodiscard]] std::string fault() const;

 private:
  void keep_on(const std::stop_token& stop);
  void open_file(bool is_start);
  void take_in(const std::vector<RevocationEntry>& entries);
  void look_at_restored(base::SteadyTime now);
  void remove_ended();
  [[nodiscard]] bool was_made() const;
  [[nodiscard]] base::Result<void> mark_made();
  void remember_made();
  [[nodiscard]] base::Result<void> check_kept() const;
  [[nodiscard]] base::Result<void> keep(const RevocationEntry& entry);
  [[nodiscard]] base::Result<void> keep_all();
  void set_behind(const std::string& text);
  void try_again(base::SteadyTime now);
  void set_unreadable(const std::string& text);
  void wait_for_peers();
  void end_waiting();
  [[nodiscard]] std::optional<RevocationEntry> reconcile(const RevocationEntry* ours,
                                                         const SharedRevocation& theirs) const;
  [[nodiscard]] base::Result<void> replace(std::map<RevocationMark, RevocationEntry> joined);
  [[nodiscard]] base::Result<void> end_everywhere(const RevocationEntry& entry);
  void publish();

  const RevocationStoreOptions options_;
  const std::string path_, marker_;
  RevocationBox box_;
  mutable std::mutex mutex_;  // what follows
  std::map<RevocationMark, RevocationEntry> entries_;
  std::unique_ptr<RevocationFile> file_;  // null: unreadable, or nowhere to keep it
  base::FileStamp stamp_;                 // of the file that is open, or that could not be read
  std::optional<std::int64_t> unreadable_since_;
  std::string fault_, share_fault_;
  std::string behind_fault_;  // why entries_ are not all in the file; empty: they are
  RevocationPeers* peers_ = nullptr;
  bool is_waiting_for_peers_ = false;
  std::set<RevocationMark> unshared_;  // added here, and not known to the others yet
  base::SteadyTime next_try_{}, next_tidy_{};
  mutable std::mutex told_mutex_;
  mutable std::string told_fault_;
  std::jthread keeper_;  // last: it uses what is above
};

}  // namespace bearerd::state
