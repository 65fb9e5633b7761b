// What the authenticator and the worker tell a trace, in words. Decides nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "access/api_keys.hpp"
#include "base/clock.hpp"
#include "base/reason.hpp"
#include "base/trace.hpp"
#include "jose/token.hpp"
#include "jose/validity.hpp"
#include "runtime/snapshot.hpp"
#include "state/disabled_providers.hpp"
#include "state/standing.hpp"
#include "state/usage_store.hpp"
#include "verify/token_rules.hpp"
#include "verify/worker.hpp"

namespace bearerd::verify {

void tell_credential(base::Trace& trace, CredentialKind kind);
// `key` null: unknown.
void tell_api_key(base::Trace& trace, const access::ApiKey* key);
struct KeyQuestion {
  const access::ApiKey& key;
  std::string_view forwarded_for;
  unsigned proxy_count = 0;
  bool is_near = true;  // the client's address is in one of the key's ranges
  bool has_revocations = false;
};
// What else is looked at for a known key, and came to `reason`. `why_revoked`: empty: it is not.
void tell_key_checks(base::Trace& trace, const KeyQuestion& question, base::Reason reason,
                     const std::string& why_revoked);

void tell_shape(base::Trace& trace, base::Reason reason, std::size_t bytes);
void tell_issuer(base::Trace& trace, const runtime::Snapshot& snapshot, std::optional<std::string_view> issuer,
                 const std::optional<runtime::IssuerMatch>& match);
void tell_unverified(base::Trace& trace);
struct TimeQuestion {
  const jose::Lifetime* lifetime;  // null: could not be read
  const jose::TimeRules& rules;
  base::WallTime now;
};
void tell_lifetime(base::Trace& trace, const TimeQuestion& question, base::Reason reason);
void tell_audience(base::Trace& trace, const runtime::Provider& provider, const jose::Claims& claims,
                   base::Reason reason);

struct RulesQuestion {
  const runtime::Provider& provider;
  const runtime::IssuerMatch& match;
  const jose::UnverifiedToken& token;
};
void tell_rules(base::Trace& trace, const RulesQuestion& question, const Ruled& ruled);
void tell_identity(base::Trace& trace, const runtime::Provider& provider, const jose::Claims& claims,
                   const tl::expected<std::shared_ptr<const Identity>, base::Reason>& identity);
// The token says nothing by itself: which providers are not asked about it.
void tell_opaque(base::Trace& trace, const runtime::Snapshot& snapshot);
// One that takes opaque tokens, and does not vouch for this one.
void tell_unhelpful(base::Trace& trace, const runtime::Snapshot& snapshot, const runtime::Provider& provider,
                    base::Reason reason);
// Those behind the provider that vouches for it.
void tell_not_needed(base::Trace& trace, const runtime::Snapshot& snapshot, std::size_t decided);
// A provider was asked who the bearer is (Check::kProvider), or for what the token does not say (Check::kRoles).
void tell_answer(base::Trace& trace, const runtime::Provider& provider, base::Check asked_for, const Identity& who);
// `provider` null: there is none to ask.
void tell_no_answer(base::Trace& trace, const runtime::Provider* provider, base::Check asked_for, base::Reason reason);
// Decides alone, whatever was told of the token before.
void tell_disabled(base::Trace& trace, const state::DisabledProviders& disabled, const runtime::Provider& provider);
// `why`: it is revoked; empty: it is not.
void tell_revocation(base::Trace& trace, bool has_entries, const std::string& why);
// No limit was looked at, and why.
void tell_no_limits(base::Trace& trace, bool is_allowed, bool has_deployment);
void tell_limit_owners(base::Trace& trace, const state::LimitTable::Owners& owners);
void tell_limits(base::Trace& trace, const state::LimitQuestion& question, const state::Standing* standing);

}  // namespace bearerd::verify
