// May the bearer of this token use the admin API? The daemon's own engine verifies it, access.*.rules grant.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/clock.hpp"
#include "base/reason.hpp"
#include "runtime/snapshot.hpp"
#include "state/revocation_store.hpp"
#include "verify/authenticator.hpp"
#include "verify/revocation_check.hpp"

namespace bearerd::verify {

// At least one of the three.
struct AdminGrant {
  bool has_admin = false, has_observe = false, has_usage = false;
  std::string provider, user_key, caller;  // for the audit line; user_key may be empty
};

// A refusal: kNoRole for a token that is good, but not from a provider that admin.providers names, or granted nothing.
struct AdminRefusal {
  base::Reason reason = base::Reason::kInternal;
  std::chrono::seconds retry_after{0};
};

// Any thread; one at a time is verified, so that no crowd of callers takes the cores from the proxies.
class AdminGuard {
 public:
  // All outlive this; `revocations` may be null.
  AdminGuard(const runtime::SnapshotBox& snapshots, const state::RevocationBox* revocations, const base::Clock& clock,
             observe::Log* log)
      : snapshots_(snapshots), clock_(clock), authenticator_(log), revocations_(revocations) {}

  // Nothing is remembered: each call verifies. Nobody is asked about a token, so opaque ones are refused. One whose key
  // is not there yet is refused as kProviderUnavailable while the key is fetched. `source`: hash of the caller's
  // address; who sends forged tokens uses up a budget of its own.
  [[nodiscard]] tl::expected<AdminGrant, AdminRefusal> check(std::string_view token, std::uint64_t source);

 private:
  const runtime::SnapshotBox& snapshots_;
  const base::Clock& clock_;
  std::mutex mutex_;
  Authenticator authenticator_;
  RevocationCheck revocations_;
};

}  // namespace bearerd::verify
