#include "verify/token_rules.hpp"

#include "jose/token_type.hpp"

namespace bearerd::verify {
namespace {

using base::Check;
using base::Reason;

// The issuer's variable part and the claim that must say the same (Entra: tid).
bool fits_template(const runtime::IssuerMatch& match, const jose::Claims& claims) {
  return match.template_claim.empty() || claims.string_of(match.template_claim) == match.template_value;
}

// Microsoft's tokens have `uti` in the place of `jti`.
std::string_view token_id(const jose::Claims& claims) {
  const auto jti = claims.string_of("jti");
  return jti ? *jti : claims.string_of("uti").value_or(std::string_view{});
}

}  // namespace

Reason check_audience(const runtime::Provider& provider, const jose::Claims& claims) {
  if (provider.audiences.empty()) return Reason::kOk;
  static const base::ClaimPath aud = base::ClaimPath::from_text("aud");
  const base::ClaimPath& path = provider.plugin != nullptr ? provider.plugin->trust().audience_claim : aud;
  return jose::check_audience(claims, path, provider.audiences);
}

Ruled check_rules(const runtime::Provider& provider, const runtime::IssuerMatch* match, const jose::Header& header,
                  const jose::Claims& claims) {
  if (match != nullptr && !fits_template(*match, claims)) return {Check::kTenant, {Reason::kWrongTenant}};
  if (const Ruled own = check_own_limits(provider, header, claims); own.checked.reason != Reason::kOk) return own;
  for (const base::ClaimPath& path : provider.settings.required_claims) {
    const jose::ClaimKind kind = claims.kind_at(path);
    if (kind == jose::ClaimKind::kMissing || kind == jose::ClaimKind::kNull)
      return {Check::kRequiredClaims, {Reason::kMissingClaim}};
  }
  return {Check::kPlugin,
          provider.plugin != nullptr ? provider.plugin->check(header, claims) : plugin::Checked{Reason::kOk}};
}

Ruled check_own_limits(const runtime::Provider& provider, const jose::Header& header, const jose::Claims& claims) {
  // Taking a bound token as a plain one would remove its protection (RFC 9449 §7.2, RFC 8705 §3).
  const bool checks_binding = provider.plugin != nullptr && provider.plugin->trust().checks_binding;
  if (claims.kind_of("cnf") != jose::ClaimKind::kMissing && !checks_binding)
    return {Check::kBinding, {Reason::kSenderConstrained}};
  const bool is_foreign = header.type && jose::is_foreign_token_type(*header.type);
  return {Check::kTokenType, {is_foreign ? Reason::kWrongTokenUse : Reason::kOk}};
}

std::shared_ptr<const state::TokenTraces> traces_of(const base::Secret& secret, const Identity& identity,
                                                    const jose::Claims& claims, std::string_view key_id) {
  const std::string_view session =
      identity.session.empty() ? claims.string_of("sid").value_or(std::string_view{}) : identity.session;
  return std::make_shared<const state::TokenTraces>(
      state::make_traces(secret, {identity.provider, token_id(claims), session, key_id, identity.caller}));
}

jose::TimeRules opaque_time_rules(const runtime::Provider& provider) {
  jose::TimeRules rules = provider.time;
  // RFC 7662 §2.2 has exp optional: the answer itself says that the token is alive.
  rules.is_exp_required = false;
  return rules;
}

}  // namespace bearerd::verify
