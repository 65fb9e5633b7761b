// Is it revoked? The lists of one turn of the loop, and what a remembered verdict needs so that a hit costs nothing
// while they stay the same.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "runtime/snapshot.hpp"
#include "state/revocation_store.hpp"
#include "verify/verdict_cache.hpp"

namespace bearerd::verify {

// Not thread-safe: one per worker.
class RevocationCheck {
 public:
  // `stored` outlives this; null: only what the settings list.
  explicit RevocationCheck(const state::RevocationBox* stored) noexcept : stored_box_(stored) {}

  // What is in force from now on, also for what was asked before: `snapshot` is the running one.
  void begin_turn(const runtime::Snapshot& snapshot);
  // Whether verdicts need traces.
  [[nodiscard]] bool has_entries() const noexcept { return listed_->has_entries() || stored_->has_entries(); }
  // False: it was made when nothing was revoked, and has to be verified anew.
  [[nodiscard]] bool can_judge(const Verdict& verdict) const noexcept {
    return verdict.traces != nullptr || !has_entries();
  }
  // Remembers in the verdict that it is on neither list.
  [[nodiscard]] bool revokes(Verdict& verdict, base::WallTime now) const noexcept;
  // The project of an API key, by its X-Bearerd-Caller.
  [[nodiscard]] bool revokes_caller(std::string_view caller, base::WallTime now) const noexcept;
  // For who explains a verdict that is revoked: on which list, and how that is ended.
  [[nodiscard]] std::string why(const Verdict& verdict, base::WallTime now) const;
  [[nodiscard]] std::string why_caller(std::string_view caller, base::WallTime now) const;
  // What was revoked can't be read: older tokens are refused.
  [[nodiscard]] bool is_unreadable() const noexcept { return stored_->refuses_everything_old(); }

 private:
  const state::RevocationBox* stored_box_;
  std::uint64_t seen_serial_ = 0;
  std::shared_ptr<const state::RevocationSet> listed_ = state::RevocationSet::empty(),
                                              stored_ = state::RevocationSet::empty();
};

}  // namespace bearerd::verify
