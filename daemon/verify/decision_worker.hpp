// The Worker of the running daemon: verdict cache, authenticator, and the telling of what was decided.
#pragma once

#include <atomic>
#include <memory>

#include "access/authorizer.hpp"
#include "base/clock.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "runtime/snapshot.hpp"
#include "state/usage_store.hpp"
#include "verify/authenticator.hpp"
#include "verify/inquiries.hpp"
#include "verify/recent_decisions.hpp"
#include "verify/revocation_check.hpp"
#include "verify/standing_identities.hpp"
#include "verify/verdict_cache.hpp"
#include "verify/worker.hpp"

namespace bearerd::verify {

struct WorkerOptions {
  const runtime::SnapshotBox* snapshots = nullptr;  // holds a snapshot before the first worker is made
  const base::Clock* clock = nullptr;
  observe::Log* log = nullptr;
  observe::Metrics* metrics = nullptr;
  std::size_t cache_entries = 0;                         // of this worker
  std::atomic<std::int64_t>* cached_verdicts = nullptr;  // over all workers, for the metric; may be null
  state::UsageStore* usage = nullptr;                    // null: limits are not looked at
  const state::RevocationBox* revocations = nullptr;     // null: only what the settings list is revoked
  Inquiries* inquiries = nullptr;                        // null: no provider is asked about a token
  RecentDecisions* recent = nullptr;                     // null: none are kept
  unsigned workers = 1;                                  // that share what is kept
};

class DecisionWorker final : public Worker {
 public:
  explicit DecisionWorker(const WorkerOptions& options);
  ~DecisionWorker() override;

  void begin_turn() override;
  [[nodiscard]] std::optional<Decision> decide(const Request& request, Attempt& attempt) override;
  void refuse(base::Reason reason, std::string_view request_id, base::SteadyTime arrived_at) override;
  [[nodiscard]] const runtime::Snapshot& snapshot() const override { return *snapshot_; }
  [[nodiscard]] bool is_counting_degraded() const override {
    return options_.usage != nullptr && !options_.usage->fault().empty();
  }
  [[nodiscard]] bool are_revocations_unreadable() const override { return revocations_.is_unreadable(); }

 private:
  struct Outcome {
    Decision decision;
    const runtime::Provider* provider = nullptr;  // null: none was chosen
    bool is_api_key = false;
    std::optional<std::int64_t> issued_at = std::nullopt;  // of the token, in seconds since the epoch
    access::Ruling ruling = {};                            // once the credential was good
    const access::ApiKey* api_key = nullptr;               // of the snapshot
  };
  // Waits for the counters' store.
  struct Judged {
    Outcome outcome;
    std::shared_ptr<state::PendingStanding> pending;
    state::LimitQuestion question;
  };
  void take_snapshot();
  // Who, whether and how much. Nothing: it has to wait. The clock is read once for all of it: reading it is dear.
  [[nodiscard]] std::optional<Outcome> judge(const runtime::Snapshot& snapshot, const Request& request,
                                             base::WallTime wall, Attempt& attempt);
  // False: it has to wait.
  [[nodiscard]] bool limit(const runtime::Snapshot& snapshot, const Request& request, base::WallTime wall,
                           Attempt& attempt, Outcome& outcome);
  [[nodiscard]] std::optional<Outcome> finish_limit(const Request& request, Attempt& attempt) const;
  [[nodiscard]] std::optional<Outcome> authenticate(const runtime::Snapshot& snapshot, const Request& request,
                                                    base::WallTime wall, Attempt& attempt);
  [[nodiscard]] static Outcome allow(const runtime::Snapshot& snapshot, const Verdict& verdict);
  [[nodiscard]] static std::optional<std::chrono::seconds> token_age(const Outcome& outcome, base::WallTime now);
  [[nodiscard]] Outcome authenticate_api_key(const runtime::Snapshot& snapshot, const Request& request,
                                             base::WallTime wall);
  // Access is never remembered, so what changed in the settings holds for remembered verdicts too.
  void authorize(const runtime::Snapshot& snapshot, const Request& request, base::WallTime wall, Outcome& outcome);
  [[nodiscard]] std::optional<Outcome> recall(const runtime::Snapshot& snapshot, TokenTag tag, base::SteadyTime now,
                                              base::WallTime wall);
  [[nodiscard]] Outcome remember(const runtime::Snapshot& snapshot, TokenTag tag, Verdict verdict, base::SteadyTime now,
                                 base::WallTime wall);
  // A token that is good in itself, unless it is revoked.
  [[nodiscard]] Outcome admit(const runtime::Snapshot& snapshot, Verdict& verdict, base::WallTime wall) const;
  void refuse_disabled(const Request& request, Outcome& outcome) const;
  void count_entries();
  void tell(const runtime::Snapshot& snapshot, const Request& request, const Outcome& outcome);
  void keep(const runtime::Snapshot& snapshot, const Request& request, const Outcome& outcome);

  WorkerOptions options_;
  std::shared_ptr<const runtime::Snapshot> snapshot_;
  std::uint64_t seen_serial_ = 0, seen_epoch_ = 0;
  TokenHasher hasher_;
  VerdictCache cache_;
  std::size_t counted_entries_ = 0;
  Authenticator authenticator_;
  StandingIdentities standing_;
  RevocationCheck revocations_;
  RecentDecisions::Shard* recent_ = nullptr;  // null: none are kept, whatever the settings say
  std::shared_ptr<const DecidedUnder> under_;
};

}  // namespace bearerd::verify
