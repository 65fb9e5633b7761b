// What holds for every provider's tokens, whether they were verified here or asked about there.
#pragma once

#include <memory>
#include <string_view>

#include "base/reason.hpp"
#include "base/secret.hpp"
#include "base/trace.hpp"
#include "jose/claims.hpp"
#include "jose/token.hpp"
#include "jose/validity.hpp"
#include "plugin/instance.hpp"
#include "runtime/snapshot.hpp"
#include "state/revocation_set.hpp"
#include "verify/worker.hpp"

namespace bearerd::verify {

[[nodiscard]] base::Reason check_audience(const runtime::Provider& provider, const jose::Claims& claims);

// What came of a provider's rules, and of which one.
struct Ruled {
  base::Check check = base::Check::kPlugin;
  plugin::Checked checked;
};
// Once the time and the audience are right, and the signature of a JWT. `match`: how the issuer led to the provider;
// null: it did not.
[[nodiscard]] Ruled check_rules(const runtime::Provider& provider, const runtime::IssuerMatch* match,
                                const jose::Header& header, const jose::Claims& claims);

// What a token says of itself that narrows who may use it, whoever is asked about it afterwards.
[[nodiscard]] Ruled check_own_limits(const runtime::Provider& provider, const jose::Header& header,
                                     const jose::Claims& claims);

// What of a token can be revoked.
[[nodiscard]] std::shared_ptr<const state::TokenTraces> traces_of(const base::Secret& secret, const Identity& identity,
                                                                  const jose::Claims& claims, std::string_view key_id);

[[nodiscard]] jose::TimeRules opaque_time_rules(const runtime::Provider& provider);

}  // namespace bearerd::verify
