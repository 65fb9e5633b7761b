#include "verify/authenticator.hpp"

#include <algorithm>
#include <string>

#include "jose/signature.hpp"
#include "jose/validity.hpp"
#include "observe/log.hpp"
#include "verify/identity.hpp"
#include "verify/key_narration.hpp"
#include "verify/narration.hpp"
#include "verify/token_rules.hpp"

namespace bearerd::verify {
namespace {

using base::Check;
using base::Reason;

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

// Before anything is decoded: what kind of credential is this? kOpaqueUnsupported: one that only its provider can
// judge.
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

// Segments alone make no JWT, where somebody takes other tokens.
bool has_bare_segments(Reason shape, std::string_view credential) {
  return (shape == Reason::kOk || shape == Reason::kEncryptedToken) && !jose::begins_with_jose_header(credential);
}

bool takes_opaque(const runtime::Snapshot& snapshot) {
  return std::ranges::any_of(snapshot.providers, [](const auto& provider) { return runtime::takes_opaque(*provider); });
}

// What a provider said, or did not say, when it was asked.
Finding narrated(base::Trace* trace, const runtime::Snapshot& snapshot, Check asked_for, Finding finding) {
  if (trace == nullptr || std::holds_alternative<Waiting>(finding)) return finding;
  if (const auto* verdict = std::get_if<Verdict>(&finding)) {
    tell_answer(*trace, *snapshot.providers[verdict->provider], asked_for, *verdict->identity);
  } else {
    const auto& refusal = std::get<Refusal>(finding);
    tell_no_answer(*trace, refusal.provider, asked_for, refusal.reason);
  }
  return finding;
}

}  // namespace

Finding Authenticator::authenticate(const runtime::Snapshot& snapshot, const Question& question) {
  const Reason shape = check_shape(question.token, snapshot.settings->verify.max_token_bytes);
  const bool is_opaque =
      shape == Reason::kOpaqueUnsupported || (has_bare_segments(shape, question.token) && takes_opaque(snapshot));
  if (is_opaque && inquiries_ != nullptr) {
    if (question.trace != nullptr) tell_opaque(*question.trace, snapshot);
    return narrated(question.trace, snapshot, Check::kProvider, ask_every_provider(snapshot, question));
  }
  if (question.trace != nullptr) tell_shape(*question.trace, shape, question.token.size());
  if (shape != Reason::kOk) return Refusal{shape};
  return authenticate_jwt(snapshot, question);
}

TokenOrigin Authenticator::origin_of(const runtime::Snapshot& snapshot, std::string_view token) {
  Reason refusal = check_shape(token, snapshot.settings->verify.max_token_bytes);
  const bool may_be_opaque = refusal == Reason::kOpaqueUnsupported || has_bare_segments(refusal, token);
  if (refusal == Reason::kOk) {
    const auto parsed = parser_.parse(token);
    if (parsed) return {parsed->claims.string_of("iss").value_or(std::string_view{}), std::nullopt};
    refusal = parsed.error();
  }
  return {std::nullopt, may_be_opaque ? std::optional(refusal) : std::nullopt};
}

Finding Authenticator::authenticate_jwt(const runtime::Snapshot& snapshot, const Question& question) {
  base::Trace* const trace = question.trace;
  const auto token = parser_.parse(question.token);
  if (trace != nullptr && !token) tell_shape(*trace, token.error(), question.token.size());
  if (!token) return Refusal{token.error()};

  const auto issuer = token->claims.string_of("iss");
  const auto match = snapshot.find_issuer(issuer.value_or(std::string_view{}));
  if (trace != nullptr) tell_issuer(*trace, snapshot, issuer, match);
  if (!match) return Refusal{Reason::kUnknownIssuer};
  const runtime::Provider& provider = *snapshot.providers[match->provider];
  warn_if_ambiguous(*match, provider, question.steady);
  if (runtime::takes_jwts(provider)) {
    return verify_jwt(snapshot, question, {*token, issuer.value_or(std::string_view{}), *match, provider});
  }
  if (inquiries_ != nullptr && runtime::takes_opaque(provider)) {
    const Ruled own = check_own_limits(provider, token->header, token->claims);
    const bool is_usable = own.checked.reason == Reason::kOk;
    if (trace != nullptr && !is_usable)
      trace->fail(own.check, "the token says so itself, and its provider is not asked");
    if (!is_usable) return Refusal{own.checked.reason, &provider};
    return narrated(trace, snapshot, Check::kProvider,
                    ask_provider_about(snapshot, question, match->provider, std::nullopt));
  }
  if (trace != nullptr) trace->fail(Check::kProvider, "this provider takes no signed tokens");
  return Refusal{Reason::kOpaqueUnsupported, &provider};
}

Finding Authenticator::verify_jwt(const runtime::Snapshot& snapshot, const Question& question, const Routed& jwt) {
  const auto& [token, issuer, match, provider] = jwt;
  Signature signature = check_signature(provider, token, issuer, question);
  if (const auto* refusal = std::get_if<Refusal>(&signature)) return *refusal;
  if (const auto* waiting = std::get_if<Waiting>(&signature)) return *waiting;
  Signed& signed_by = std::get<Signed>(signature);
  const auto claimed = check_claims(question, jwt);
  if (!claimed) return Refusal{claimed.error(), &provider};

  Verdict verdict;
  verdict.key_source = signed_by.source;
  verdict.keys_epoch = signed_by.keys_epoch;
  verdict.lifetime = claimed->lifetime;
  verdict.issuer = issuer;
  verdict.provider_epoch = provider.epoch;
  verdict.snapshot_epoch = snapshot.epoch;
  verdict.provider = match.provider;
  // What has to be fetched is not known here, and not known is not none.
  if (claimed->needs_enrichment || !provider.settings.role_function.empty()) {
    return narrated(question.trace, snapshot, Check::kRoles,
                    ask_provider_about(snapshot, question, match.provider,
                                       VerifiedJwt{std::move(verdict), std::move(signed_by.key_id)}));
  }

  auto identity = build_identity(snapshot, provider, token.header, token.claims);
  if (question.trace != nullptr) tell_identity(*question.trace, provider, token.claims, identity);
  if (!identity) return Refusal{identity.error(), &provider};
  verdict.identity = std::move(*identity);
  if (question.wants_traces) {
    verdict.traces = traces_of(snapshot.caller_secret, *verdict.identity, token.claims, signed_by.key_id);
  }
  return verdict;
}

tl::expected<Authenticator::Claimed, Reason> Authenticator::check_claims(const Question& question, const Routed& jwt) {
  const auto& [token, issuer, match, provider] = jwt;
  base::Trace* const trace = question.trace;
  const auto lifetime = jose::read_lifetime(token.claims, provider.time);
  const Reason timely = lifetime ? jose::check_lifetime(*lifetime, provider.time, question.wall) : lifetime.error();
  if (trace != nullptr) tell_lifetime(*trace, {lifetime ? &*lifetime : nullptr, provider.time, question.wall}, timely);
  if (timely != Reason::kOk) return tl::make_unexpected(timely);
  const Reason audience = check_audience(provider, token.claims);
  if (trace != nullptr) tell_audience(*trace, provider, token.claims, audience);
  if (audience != Reason::kOk) return tl::make_unexpected(audience);
  const Ruled ruled = check_rules(provider, &match, token.header, token.claims);
  if (trace != nullptr) tell_rules(*trace, {provider, match, token}, ruled);
  if (ruled.checked.reason != Reason::kOk) return tl::make_unexpected(ruled.checked.reason);
  return Claimed{*lifetime, ruled.checked.needs_enrichment};
}

Finding Authenticator::ask_provider_about(const runtime::Snapshot& snapshot, const Question& question,
                                          std::size_t provider, std::optional<VerifiedJwt> jwt) {
  const Refusal unavailable{Reason::kProviderUnavailable, snapshot.providers[provider].get(), std::chrono::seconds(1)};
  if (inquiries_ == nullptr) return unavailable;
  // The signature was looked at just now, whenever the provider was asked.
  const std::size_t key_source = jwt ? jwt->verdict.key_source : 0;
  const std::uint64_t keys_epoch = jwt ? jwt->verdict.keys_epoch : 0;
  ProviderQuestion asked{snapshot.shared_from_this(), provider, std::string(question.token), std::move(jwt)};
  const auto answer = inquiries_->ask(hasher_.tag(question.token), std::move(asked), question.steady, question.resume);
  if (answer == nullptr) return question.resume != nullptr ? Finding(Waiting{unavailable.provider}) : unavailable;
  if (!answer->verdict) return Refusal{answer->reason, unavailable.provider, answer->retry_after};
  Verdict verdict = *answer->verdict;
  verdict.provider = provider;
  verdict.key_source = key_source;
  verdict.keys_epoch = keys_epoch;
  // Being asked about again: whoever remembers this looks soon whether there is a new answer.
  if (verdict.renew_at <= question.steady) verdict.renew_at = question.steady + std::chrono::seconds(1);
  return verdict;
}

// Each that takes opaque tokens is asked at once, so that one's hang is not another's; the first that knows it decides.
Finding Authenticator::ask_every_provider(const runtime::Snapshot& snapshot, const Question& question) {
  Refusal refusal{Reason::kOpaqueUnsupported};
  std::optional<Waiting> waiting;
  // Whoever knows the token and refuses it outdoes an outage, and an outage outdoes "not mine".
  const auto weight = [](Reason reason) {
    return reason == Reason::kOpaqueUnsupported     ? 0
           : reason == Reason::kOpaqueInactive      ? 1
           : reason == Reason::kProviderUnavailable ? 2
                                                    : 3;
  };
  base::Trace* const trace = question.trace;
  for (std::size_t i = 0; i < snapshot.providers.size(); ++i) {
    const runtime::Provider& provider = *snapshot.providers[i];
    if (!runtime::takes_opaque(provider)) continue;
    // Whoever is switched off is shown no token.
    Finding finding = snapshot.is_disabled(provider)
                          ? Finding(Refusal{Reason::kProviderUnavailable, &provider, std::chrono::seconds(30)})
                          : ask_provider_about(snapshot, question, i, std::nullopt);
    if (std::holds_alternative<Verdict>(finding)) {
      if (trace != nullptr) tell_not_needed(*trace, snapshot, i);
      return finding;
    }
    const auto* const found = std::get_if<Refusal>(&finding);
    if (trace != nullptr) {
      tell_unhelpful(*trace, snapshot, provider, found != nullptr ? found->reason : Reason::kProviderUnavailable);
    }
    if (found == nullptr) {
      waiting = std::get<Waiting>(finding);
    } else if (weight(found->reason) > weight(refusal.reason)) {
      refusal = *found;
    }
  }
  if (waiting) return *waiting;
  return refusal;
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
  if (tried.key != nullptr) return Signed{source, epoch, tried.key->key_id()};
  return Refusal{tried.reason, &provider, std::chrono::seconds(tried.reason == Reason::kOverloaded ? 1 : 0)};
}

Authenticator::Signature Authenticator::check_signature(const runtime::Provider& provider,
                                                        const jose::UnverifiedToken& token, std::string_view issuer,
                                                        const Question& question) {
  base::Trace* const trace = question.trace;
  if (provider.settings.is_unverified) {
    if (trace != nullptr) tell_unverified(*trace);
    return Signed{};
  }
  const bool is_algorithm_allowed = token.header.algorithm && is_allowed(provider, *token.header.algorithm);
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
  if (asked.question.trace != nullptr) tell_wanted(*asked.question.trace, provider.keys[source], header, answer);
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
