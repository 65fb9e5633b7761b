// The revocations that operators add while the daemon runs: kept on disk, in force from memory.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/published.hpp"
#include "base/secret.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "state/revocation_file.hpp"
#include "state/revocation_set.hpp"

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

  // In force and on disk when it returns; the entry as it is kept. kUnavailable: it can't be kept, and is not in force;
  // kTooLarge: there are too many.
  [[nodiscard]] base::Result<RevocationEntry> add(const settings::Revocation& revocation);
  // kNotFound: there is no such entry.
  [[nodiscard]] base::Result<void> remove(const RevocationMark& mark);
  // Those that have not ended.
  [[nodiscard]] RevocationPage list(const std::optional<RevocationMark>& after, std::size_t max_entries) const;
  // Sets the unreadable file aside and starts anew; the file's new name, empty when it was not there. kNotFound:
  // nothing is lost.
  [[nodiscard]] base::Result<std::string> accept_loss();

  // Control thread, about once a second: looks whether an unreadable file was restored, forgets what has ended.
  void tick();

  [[nodiscard]] bool is_unreadable() const;
  // What an operator should know now; empty: all is well.
  [[nodiscard]] std::string fault() const;

 private:
  void open_file(bool is_start);
  void take_in(const std::vector<RevocationEntry>& entries);
  void look_at_restored(base::SteadyTime now);
  void remove_ended();
  [[nodiscard]] bool was_made() const;
  [[nodiscard]] base::Result<void> mark_made();
  [[nodiscard]] base::Result<void> check_kept() const;
  void set_unreadable(const std::string& text);
  void publish();

  const RevocationStoreOptions options_;
  const std::string path_, marker_;
  RevocationBox box_;
  mutable std::mutex mutex_;  // what follows
  std::map<RevocationMark, RevocationEntry> entries_;
  std::unique_ptr<RevocationFile> file_;  // null: unreadable, or nowhere to keep it
  base::FileStamp stamp_;                 // of the file that is open, or that could not be read
  std::optional<std::int64_t> unreadable_since_;
  std::string fault_;
  base::SteadyTime next_try_{}, next_tidy_{};
};

}  // namespace bearerd::state
