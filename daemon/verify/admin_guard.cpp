#include "verify/admin_guard.hpp"

#include <algorithm>

namespace bearerd::verify {
namespace {

using base::Reason;
using Grant = tl::expected<AdminGrant, AdminRefusal>;

Grant refuse(Reason reason, std::chrono::seconds retry_after = std::chrono::seconds(0)) {
  return tl::make_unexpected(AdminRefusal{reason, retry_after});
}

// The settings were checked for it when they were loaded; looked at again, because all rights hang on it.
bool is_admin_provider(const runtime::Snapshot& snapshot, const runtime::Provider& provider) {
  const auto& names = snapshot.settings->admin.providers;
  return std::ranges::find(names, provider.settings.name) != names.end() && !provider.settings.is_unverified &&
         !provider.settings.audience.empty();
}

AdminGrant grant_of(const runtime::Snapshot& snapshot, const Identity& identity) {
  const access::AdminRules& rules = snapshot.authorizer->admin_rules();
  const access::Caller caller{identity.provider, identity.roles, identity.claims, std::nullopt};
  return {rules.admin.grant(caller), rules.observe.grant(caller), rules.usage.grant(caller),
          identity.provider,         identity.user_key,           identity.caller};
}

}  // namespace

Grant AdminGuard::check(std::string_view token, std::uint64_t source) {
  const std::lock_guard lock(mutex_);
  const auto snapshot = snapshots_.get();
  revocations_.begin_turn(*snapshot);
  Authenticator::Question question;
  question.token = token;
  question.source = source;
  question.wall = clock_.wall();
  question.steady = clock_.steady();
  question.wants_traces = revocations_.has_entries();
  Finding finding = authenticator_.authenticate(*snapshot, question);
  if (const auto* refusal = std::get_if<Refusal>(&finding)) return refuse(refusal->reason, refusal->retry_after);
  auto* const verdict = std::get_if<Verdict>(&finding);
  if (verdict == nullptr) return refuse(Reason::kProviderUnavailable, std::chrono::seconds(1));
  const runtime::Provider& provider = *snapshot->providers[verdict->provider];
  if (snapshot->is_disabled(provider)) return refuse(Reason::kProviderUnavailable, std::chrono::seconds(30));
  if (revocations_.revokes(*verdict, question.wall)) return refuse(Reason::kRevoked);
  if (!is_admin_provider(*snapshot, provider)) return refuse(Reason::kNoRole);
  AdminGrant grant = grant_of(*snapshot, *verdict->identity);
  if (!grant.has_admin && !grant.has_observe && !grant.has_usage) return refuse(Reason::kNoRole);
  return grant;
}

}  // namespace bearerd::verify
