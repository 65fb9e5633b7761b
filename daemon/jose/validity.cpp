#include "jose/validity.hpp"

#include <algorithm>

namespace bearerd::jose {
namespace {

using base::Reason;

std::int64_t whole_seconds(base::WallTime time) noexcept {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

tl::expected<Lifetime, Reason> read_lifetime(const Claims& claims, const TimeRules& rules) {
  const auto exp = claims.date_of("exp");
  const auto nbf = claims.date_of("nbf");
  const auto iat = claims.date_of("iat");
  if (!exp || !nbf || !iat) return tl::make_unexpected(Reason::kMalformed);
  // RFC 7519 leaves exp optional; RFC 9068 §2.2 does not.
  if (rules.is_exp_required && !*exp) return tl::make_unexpected(Reason::kMissingClaim);
  if (rules.max_token_age && !*iat) return tl::make_unexpected(Reason::kMissingClaim);
  Lifetime lifetime;
  if (*exp) lifetime.expires_at = (*exp)->seconds;
  if (*nbf) lifetime.not_before = (*nbf)->seconds + ((*nbf)->has_fraction ? 1 : 0);
  if (*iat) lifetime.issued_at = (*iat)->seconds;
  return lifetime;
}

// Dates are at most 2^53 and a clock of nanoseconds ends in 2262, so no sum here can overflow. Whole seconds are
// enough: every bound is a whole second.
Reason check_lifetime(const Lifetime& lifetime, const TimeRules& rules, base::WallTime now) noexcept {
  const std::int64_t second = whole_seconds(now);
  const std::int64_t skew = rules.clock_skew.count();
  if (rules.is_exp_required && !lifetime.expires_at) return Reason::kMissingClaim;
  if (rules.max_token_age && !lifetime.issued_at) return Reason::kMissingClaim;
  // RFC 7519 §4.1.4: on or after exp is too late.
  if (lifetime.expires_at && second >= *lifetime.expires_at + skew) return Reason::kExpired;
  if (lifetime.not_before && second < *lifetime.not_before - skew) return Reason::kNotYetValid;
  if (lifetime.issued_at && second < *lifetime.issued_at - skew) return Reason::kNotYetValid;
  if (rules.max_token_age && second - *lifetime.issued_at - skew >= rules.max_token_age->count())
    return Reason::kTooOld;
  return Reason::kOk;
}

Reason check_audience(const Claims& claims, const base::ClaimPath& path, const std::vector<std::string>& accepted) {
  bool is_ours = false;
  const bool is_well_formed = claims.for_each_string(path, [&](std::string_view audience) {
    is_ours = std::find(accepted.begin(), accepted.end(), audience) != accepted.end();
    return !is_ours;
  });
  return is_well_formed && is_ours ? Reason::kOk : Reason::kWrongAudience;
}

}  // namespace bearerd::jose
