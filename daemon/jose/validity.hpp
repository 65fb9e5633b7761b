// Time and audience (RFC 7519 §4.1.3 to §4.1.6, RFC 9068 §4). Time is an argument.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/reason.hpp"
#include "jose/claims.hpp"

namespace bearerd::jose {

struct TimeRules {
  std::chrono::seconds clock_skew{30};
  std::optional<std::chrono::seconds> max_token_age;  // needs iat
  bool is_exp_required = true;
};

// What must be looked at again at each use of a remembered verdict.
struct Lifetime {
  std::optional<std::int64_t> expires_at;  // seconds since the epoch, rounded down; valid while now < expires_at + skew
  std::optional<std::int64_t> not_before;  // rounded up; valid when now >= not_before - skew
  std::optional<std::int64_t> issued_at;   // rounded down

  friend bool operator==(const Lifetime&, const Lifetime&) = default;
};

// kMalformed when exp, nbf or iat is no NumericDate; kMissingClaim when exp is required and absent, or iat is needed
// and absent.
[[nodiscard]] tl::expected<Lifetime, base::Reason> read_lifetime(const Claims& claims, const TimeRules& rules);

// kOk, kExpired (now == exp + skew is expired), kNotYetValid (nbf, or iat in the future beyond the skew), kTooOld (now
// == iat + max_token_age + skew is too old), kMissingClaim when a date that the rules need is absent. Cheap: called at
// each cache hit.
[[nodiscard]] base::Reason check_lifetime(const Lifetime& lifetime, const TimeRules& rules,
                                          base::WallTime now) noexcept;

// kOk when one of `accepted` is the string, or one of the strings, at `path`; kWrongAudience otherwise, also for an
// absent or ill-typed claim. Byte by byte. An empty `accepted` is a caller's bug and refuses.
[[nodiscard]] base::Reason check_audience(const Claims& claims, const base::ClaimPath& path,
                                          const std::vector<std::string>& accepted);

}  // namespace bearerd::jose
