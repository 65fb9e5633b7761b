// From verified claims to who the bearer is, and to the headers that tell the upstream.
#pragma once

#include <memory>
#include <span>
#include <tl/expected.hpp>

#include "base/reason.hpp"
#include "jose/claims.hpp"
#include "jose/token.hpp"
#include "runtime/snapshot.hpp"
#include "verify/worker.hpp"

namespace bearerd::verify {

// The operator's paths win over the plugin's habits, which win over the common claims. Refusals: kMissingClaim (no user
// id), kClaimRejected (a user id that does not fit verify.maxIdentityBytes), kInternal (the plugin failed). Allocates:
// only for tokens that are not remembered. `enriched`: roles that are not in the claims, added to the others.
[[nodiscard]] tl::expected<std::shared_ptr<const Identity>, base::Reason> build_identity(
    const runtime::Snapshot& snapshot, const runtime::Provider& provider, const jose::Header& header,
    const jose::Claims& claims, const plugin::Identity* enriched = nullptr);

// Where the roles of a token with these claims are. Valid as long as `provider`.
[[nodiscard]] std::span<const base::ClaimPath> role_paths_for(const settings::Provider& provider,
                                                              const jose::Claims& claims) noexcept;

// Whether it may be remembered: what is bounded in entries is bounded in bytes by this.
[[nodiscard]] bool is_small_enough(const Identity& identity) noexcept;

// Fills `headers` and `empty_headers`. False when the user id alone is too large.
[[nodiscard]] bool render_headers(Identity& identity, const settings::Verify& settings);

}  // namespace bearerd::verify
