#include "verify/authenticator.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "jose/signature.hpp"
#include "jose/token_type.hpp"
#include "jose/validity.hpp"
#include "observe/log.hpp"
#include "verify/identity.hpp"
#include "verify/key_narration.hpp"
#include "verify/narration.hpp"

namespace bearerd::verify {
namespace {

using base::Check;
using base::Reason;

// Before anything is decoded: what kind of credential is this, and can anybody here judge it?
Reason check_shape(std::string_view credential, std::size_t max_bytes) {
  if (credential.size() > max_bytes) return Reason::kTooLarge;
  switch (jose::shape_of(credential)) {
    case jose::Shape::kCompactJws:
      return Reason::kOk;
    case jose::Shape::kCompactJwe:
      return Reason::kEncryptedToken;
    case jose::Shape::kOpaque:
      return Reason::kOpaqueUnsupported;
    case jose::Shape::kMalformed:
      break;
  }
  return Reason::kMalformed;
}

// HS* never stands beside public keys unless the settings say so: the classic confusion (RFC 8725 §3.1).
bool is_allowed(const runtime::Provider& provider, base::Algorithm algorithm) {
  const auto& allowed = provider.algorithms;
  return std::find(allowed.begin(), allowed.end(), algorithm) != allowed.end();
}

// "https://host/SEGMENT/…" → SEGMENT
std::string_view first_path_segment(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t slash = scheme == std::string_view::npos ? scheme : url.find('/', scheme + 3);
  if (slash == std::string_view::npos) return {};
  const std::string_view path = url.substr(slash + 1);
  return path.substr(0, path.find('/'));
}

// A key that names its issuer vouches for that one only. Entra names it in the v2 form for v1 tokens too, with
// "{tenantid}" for keys of all tenants: there the tenant is what has to agree, between the key, the issuer and the
// token's own word.
bool fits_key_issuer(const jose::Key& key, const jose::Claims& claims, std::string_view issuer) {
  if (key.issuer().empty() || key.issuer() == issuer) return true;
  const std::string_view tenant = first_path_segment(issuer);
  const std::string_view vouched = first_path_segment(key.issuer());
  return !tenant.empty() && claims.string_of("tid") == tenant && (vouched == "{tenantid}" || vouched == tenant);
}

Reason check_audience(const runtime::Provider& provider, const jose::Claims& claims) {
  if (provider.audiences.empty()) return Reason::kOk;
  static const base::ClaimPath aud = base::ClaimPath::from_text("aud");
  const base::ClaimPath& path = provider.plugin != nullptr ? provider.plugin->trust().audience_claim : aud;
  return jose::check_audience(claims, path, provider.audiences);
}

// The issuer's variable part and the claim that must say the same (Entra: tid).
bool fits_template(const runtime::IssuerMatch& match, const jose::Claims& claims) {
  return match.template_claim.empty() || claims.string_of(match.template_claim) == match.template_value;
}

// Roles that have to be fetched are not known here, and not known is not none.
bool has_roles_elsewhere(const runtime::Provider& provider) {
  return !provider.settings.role_function.empty() || (provider.plugin != nullptr && provider.plugin->can_enrich());
}

bool takes_jwts(const runtime::Provider& provider) {
  return provider.plugin == nullptr || provider.plugin->trust().kinds != plugin::TokenKind::kOpaque;
}

// What holds for every provider once the signature, the time and the audience are right; and which check refused.
Ruled check_rules(const runtime::Provider& provider, const runtime::IssuerMatch& match,
                  const jose::UnverifiedToken& token) {
  const jose::Claims& claims = token.claims;
  if (!fits_template(match, claims)) return {Check::kTenant, Reason::kWrongTenant};
  // Taking a bound token as a plain one would remove its protection (RFC 9449 §7.2, RFC 8705 §3).
  const bool checks_binding = provider.plugin != nullptr && provider.plugin->trust().checks_binding;
  if (claims.kind_of("cnf") != jose::ClaimKind::kMissing && !checks_binding)
    return {Check::kBinding, Reason::kSenderConstrained};
  if (token.header.type && jose::is_foreign_token_type(*token.header.type))
    return {Check::kTokenType, Reason::kWrongTokenUse};
  for (const base::ClaimPath& path : provider.settings.required_claims) {
    const jose::ClaimKind kind = claims.kind_at(path);
    if (kind == jose::ClaimKind::kMissing || kind == jose::ClaimKind::kNull)
      return {Check::kRequiredClaims, Reason::kMissingClaim};
  }
  return {Check::kPlugin, provider.plugin != nullptr ? provider.plugin->check(token.header, claims) : Reason::kOk};
}

// Microsoft's tokens have `uti` in the place of `jti`.
std::string_view token_id(const jose::Claims& claims) {
  const auto jti = claims.string_of("jti");
  return jti ? *jti : claims.string_of("uti").value_or(std::string_view{});
}

std::unique_ptr<const state::TokenTraces> traces_of(const base::Secret& secret, const Identity& identity,
                                                    const jose::Claims& claims, std::string_view key_id) {
  const std::string_view session =
      identity.session.empty() ? claims.string_of("sid").value_or(std::string_view{}) : identity.session;
  return std::make_unique<const state::TokenTraces>(
      state::make_traces(secret, {identity.provider, token_id(claims), session, key_id, identity.caller}));
}

}  // namespace

Finding Authenticator::authenticate(const runtime::Snapshot& snapshot, const Question& question) {
  base::Trace* const trace = question.trace;
  const Reason shape = check_shape(question.token, snapshot.settings->verify.max_token_bytes);
  if (trace != nullptr) tell_shape(*trace, shape, question.token.size());
  if (shape != Reason::kOk) return Refusal{shape};
  const auto token = parser_.parse(question.token);
  if (trace != nullptr && !token) tell_shape(*trace, token.error(), question.token.size());
  if (!token) return Refusal{token.error()};

  const auto issuer = token->claims.string_of("iss");
  const auto match = snapshot.find_issuer(issuer.value_or(std::string_view{}));
  if (trace != nullptr) tell_issuer(*trace, snapshot, issuer, match);
  if (!match) return Refusal{Reason::kUnknownIssuer};
  const runtime::Provider& provider = *snapshot.providers[match->provider];
  warn_if_ambiguous(*match, provider, question.steady);
  if (trace != nullptr && !takes_jwts(provider)) trace->fail(Check::kProvider, "this provider takes no signed tokens");
  if (!takes_jwts(provider)) return Refusal{Reason::kOpaqueUnsupported, &provider};

  Verdict verdict;
  std::string key_id;
  if (!provider.settings.is_unverified) {
    Signature signature = check_signature(provider, *token, issuer.value_or(std::string_view{}), question);
    if (const auto* refusal = std::get_if<Refusal>(&signature)) return *refusal;
    if (const auto* waiting = std::get_if<Waiting>(&signature)) return *waiting;
    Signed& signed_by = std::get<Signed>(signature);
    verdict.key_source = signed_by.source;
    verdict.keys_epoch = signed_by.keys_epoch;
    key_id = std::move(signed_by.key_id);
  } else if (trace != nullptr) {
    tell_unverified(*trace);
  }

  const auto lifetime = jose::read_lifetime(token->claims, provider.time);
  const Reason timely = lifetime ? jose::check_lifetime(*lifetime, provider.time, question.wall) : lifetime.error();
  if (trace != nullptr) tell_lifetime(*trace, {lifetime ? &*lifetime : nullptr, provider.time, question.wall}, timely);
  if (timely != Reason::kOk) return Refusal{timely, &provider};
  const Reason audience = check_audience(provider, token->claims);
  if (trace != nullptr) tell_audience(*trace, provider, token->claims, audience);
  if (audience != Reason::kOk) return Refusal{audience, &provider};
  const Ruled ruled = check_rules(provider, *match, *token);
  if (trace != nullptr) tell_rules(*trace, {provider, *match, *token}, ruled);
  if (ruled.reason != Reason::kOk) return Refusal{ruled.reason, &provider};
  if (has_roles_elsewhere(provider)) {
    if (trace != nullptr) trace->fail(Check::kRoles, "the roles have to be fetched, and are not known");
    return Refusal{Reason::kProviderUnavailable, &provider, std::chrono::seconds(1)};
  }

  auto identity = build_identity(snapshot, provider, token->header, token->claims);
  if (trace != nullptr) tell_identity(*trace, provider, token->claims, identity);
  if (!identity) return Refusal{identity.error(), &provider};
  verdict.identity = std::move(*identity);
  verdict.lifetime = *lifetime;
  verdict.issuer = issuer.value_or(std::string_view{});
  verdict.provider_epoch = provider.epoch;
  verdict.snapshot_epoch = snapshot.epoch;
  verdict.provider = match->provider;
  if (question.wants_traces) {
    verdict.traces = traces_of(snapshot.caller_secret, *verdict.identity, token->claims, key_id);
  }
  return verdict;
}

std::optional<Authenticator::Signature> Authenticator::try_source(const runtime::Provider& provider, std::size_t source,
                                                                  const Asked& asked, bool& is_named_key_unfit) {
  keys::KeySource& keys = *provider.keys[source].source;
  // The epoch first: if the set changes in between, the verdict is remembered under the older one and found stale.
  const std::uint64_t epoch = keys.epoch();
  const auto set = keys.current();
  if (set == nullptr) return std::nullopt;
  const jose::Candidates candidates = set->find(asked.token.header, asked.algorithm);
  if (asked.question.trace != nullptr)
    tell_key_set(*asked.question.trace, *set, asked.token.header, asked.algorithm, candidates);
  is_named_key_unfit |= candidates.is_named_key_unfit;
  if (candidates.count == 0) return std::nullopt;
  const Tried tried = try_keys(provider, candidates, asked);
  if (asked.question.trace != nullptr) tell_signature(*asked.question.trace, tried.reason, tried.key);
  if (tried.key != nullptr) {
    return Signed{source, epoch, asked.question.wants_traces ? tried.key->key_id() : std::string()};
  }
  return Refusal{tried.reason, &provider, std::chrono::seconds(tried.reason == Reason::kOverloaded ? 1 : 0)};
}

Authenticator::Signature Authenticator::check_signature(const runtime::Provider& provider,
                                                        const jose::UnverifiedToken& token, std::string_view issuer,
                                                        const Question& question) {
  const bool is_algorithm_allowed = token.header.algorithm && is_allowed(provider, *token.header.algorithm);
  base::Trace* const trace = question.trace;
  if (trace != nullptr) tell_algorithm(*trace, provider, token.header, is_algorithm_allowed);
  if (!is_algorithm_allowed) return Refusal{Reason::kAlgNotAllowed, &provider};
  const Asked asked{token, *token.header.algorithm, issuer, question};

  bool is_named_key_unfit = false;
  std::optional<std::size_t> lacking;
  for (std::size_t i = 0; i < provider.keys.size(); ++i) {
    // A key vouches for its own issuer only (RFC 8725 §3.8).
    const bool is_of_issuer = provider.keys[i].issuer.empty() || provider.keys[i].issuer == issuer;
    if (trace != nullptr) tell_source(*trace, provider.keys[i], is_of_issuer);
    if (!is_of_issuer) continue;
    if (const auto signature = try_source(provider, i, asked, is_named_key_unfit)) return *signature;
    if (!lacking) lacking = i;
  }
  if (trace != nullptr && (is_named_key_unfit || !lacking)) tell_no_key(*trace, is_named_key_unfit);
  if (is_named_key_unfit) return Refusal{Reason::kAlgNotAllowed, &provider};
  if (!lacking) return Refusal{Reason::kUnknownKey, &provider};
  return ask_for_key(provider, *lacking, asked);
}

Authenticator::Signature Authenticator::ask_for_key(const runtime::Provider& provider, std::size_t source,
                                                    const Asked& asked) {
  const jose::Header& header = asked.token.header;
  const std::string_view key_name = header.key_id     ? *header.key_id
                                    : header.x5t_s256 ? *header.x5t_s256
                                                      : header.x5t.value_or("");
  const bool may_wait = asked.question.resume != nullptr;
  const keys::WantedAnswer answer =
      provider.keys[source].source->want(key_name, may_wait ? *asked.question.resume : std::function<void()>{});
  if (asked.question.trace != nullptr) tell_wanted(*asked.question.trace, answer);
  switch (answer.wanted) {
    case keys::Wanted::kPresent: {
      // Fetched between our look and our question.
      bool is_named_key_unfit = false;
      if (const auto signature = try_source(provider, source, asked, is_named_key_unfit)) return *signature;
      return Refusal{is_named_key_unfit ? Reason::kAlgNotAllowed : Reason::kUnknownKey, &provider};
    }
    case keys::Wanted::kAbsent:
      return Refusal{Reason::kUnknownKey, &provider};
    case keys::Wanted::kPending:
      if (may_wait) return Waiting{&provider};
      break;
    case keys::Wanted::kCoolingDown:
    case keys::Wanted::kUnavailable:
      break;
  }
  return Refusal{Reason::kProviderUnavailable, &provider, std::max(answer.retry_after, std::chrono::seconds(1))};
}

Authenticator::Tried Authenticator::try_keys(const runtime::Provider& provider, const jose::Candidates& candidates,
                                             const Asked& asked) {
  const Question& question = asked.question;
  Reason reason = Reason::kBadSignature;
  for (std::size_t i = 0; i < candidates.count; ++i) {
    const jose::Key& key = *candidates.keys[i];
    if (!fits_key_issuer(key, asked.token.claims, asked.issuer)) {
      if (question.trace != nullptr) tell_foreign_key(*question.trace, key);
      reason = Reason::kWrongTenant;
      continue;
    }
    const unsigned cost = jose::relative_cost(asked.algorithm, key);
    if (!limiter_.allows(key.serial(), question.source, cost, question.steady)) return {Reason::kOverloaded, nullptr};
    if (question.trace == nullptr) provider.metrics->count_signature(asked.algorithm);
    if (jose::verify_signature(asked.algorithm, key, asked.token.signing_input, asked.token.signature))
      return {Reason::kOk, &key};
    limiter_.charge(key.serial(), question.source, cost, question.steady);
  }
  return {reason, nullptr};
}

void Authenticator::warn_if_ambiguous(const runtime::IssuerMatch& match, const runtime::Provider& provider,
                                      base::SteadyTime now) {
  if (!match.is_ambiguous) return;
  ++ambiguous_;
  if (log_ == nullptr || now < next_ambiguity_warning_) return;
  next_ambiguity_warning_ = now + std::chrono::minutes(1);
  log_->write(
      observe::Level::kWarning, "ambiguous_issuer",
      "tokens match the issuerPattern of more than one provider; the first in file order was asked",
      {{"provider", std::string_view(provider.settings.name)}, {"count", static_cast<std::int64_t>(ambiguous_)}});
}

}  // namespace bearerd::verify
