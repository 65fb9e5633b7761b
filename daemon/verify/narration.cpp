#include "verify/narration.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "access/client_address.hpp"
#include "access/narration.hpp"
#include "base/text.hpp"
#include "base/timestamp.hpp"
#include "settings/regex.hpp"
#include "verify/identity.hpp"

namespace bearerd::verify {
namespace {

using base::Check;
using base::excerpt;
using base::Reason;
using base::Trace;

std::string joined(const std::vector<std::string>& texts) {
  std::vector<std::string> each;
  each.reserve(texts.size());
  for (const std::string& text : texts) each.push_back(excerpt(text));
  return access::joined(each);
}

// Which issuers a provider answers for.
std::string issuers_text(const runtime::Provider& provider) {
  const std::vector<std::string> issuers = runtime::issuers_of(provider);
  std::string text = issuers.empty() ? std::string() : joined(issuers);
  if (provider.settings.issuer_pattern != nullptr) {
    text += (text.empty() ? "" : ", ") + ("the pattern " + excerpt(provider.settings.issuer_pattern_text));
  }
  return text.empty() ? "no issuer in particular" : text;
}

// A token without an issuer fits no pattern.
bool fits_pattern(const runtime::Provider& provider, std::string_view issuer) {
  const auto& pattern = provider.settings.issuer_pattern;
  return pattern != nullptr && !issuer.empty() && pattern->matches_whole(issuer);
}

// Whose patterns fit too, behind the one that is chosen.
std::string later_fits(const runtime::Snapshot& snapshot, std::string_view issuer, std::size_t chosen) {
  std::vector<std::string> names;
  for (std::size_t i = chosen + 1; i < snapshot.providers.size(); ++i) {
    if (fits_pattern(*snapshot.providers[i], issuer)) names.push_back(snapshot.providers[i]->settings.name);
  }
  return access::joined(names);
}

std::string why_chosen(const runtime::Snapshot& snapshot, std::string_view issuer, const runtime::IssuerMatch& match) {
  if (snapshot.exact_issuers.find(issuer) != snapshot.exact_issuers.end())
    return "it is the one for exactly this issuer";
  if (!match.template_claim.empty() || !match.template_value.empty()) return "its issuer template fits";
  const bool has_pattern = snapshot.providers[match.provider]->settings.issuer_pattern != nullptr;
  if (match.is_ambiguous)
    return "its pattern fits first in file order; that of " + later_fits(snapshot, issuer, match.provider) +
           " fits too";
  return has_pattern ? "its pattern fits" : "it is the only provider, and its entry says no issuer";
}

// Issuers are compared byte by byte (RFC 8414 §3.3), and what people get wrong is mostly the end.
std::string near_miss(const runtime::Snapshot& snapshot, std::string_view issuer) {
  const auto plain = [](std::string_view text) {
    return base::to_lower(text.substr(0, text.find_last_not_of('/') + 1));
  };
  for (const auto& provider : snapshot.providers) {
    const auto& ours = provider->settings.issuers;
    if (std::ranges::any_of(ours, [&](const std::string& each) { return plain(each) == plain(issuer); }))
      return ", and " + provider->settings.name + " has it but for a slash at its end, or for capital letters";
  }
  return {};
}

std::string time_text(std::int64_t second) {
  constexpr std::int64_t kEndOfTime = 253'402'300'799;  // of RFC 3339
  const std::string number = std::to_string(second);
  return second < 0 || second > kEndOfTime ? number : base::to_text({second}) + " (" + number + ")";
}

// Like "exp is …, 12 s ago".
std::string distance_text(std::int64_t second, std::int64_t now) {
  return second > now ? std::to_string(second - now) + " s from now" : std::to_string(now - second) + " s ago";
}

void tell_expiry(Trace& trace, const TimeQuestion& question, std::int64_t now, Reason reason) {
  const auto& exp = question.lifetime->expires_at;
  const std::string skew = ", with " + std::to_string(question.rules.clock_skew.count()) + " s of clock skew allowed";
  if (exp) {
    return trace.judge(Check::kExpiry, reason != Reason::kExpired,
                       "exp is " + time_text(*exp) + ", " + distance_text(*exp, now) + skew);
  }
  if (question.rules.is_exp_required) return trace.fail(Check::kExpiry, "exp is needed, and is not there");
  trace.skip(Check::kExpiry, "there is no exp, and the settings do not require one");
}

void tell_begin(Trace& trace, const TimeQuestion& question, std::int64_t now) {
  const std::int64_t skew = question.rules.clock_skew.count();
  const auto tell = [&](Check check, std::string_view claim, const std::optional<std::int64_t>& date) {
    if (trace.has_failed()) return;  // the first one decides
    const std::string claim_name(claim);
    if (!date) return trace.skip(check, "there is no " + claim_name);
    trace.judge(check, now >= *date - skew,
                claim_name + " is " + time_text(*date) + ", " + distance_text(*date, now) + ", with " +
                    std::to_string(skew) + " s of clock skew allowed");
  };
  tell(Check::kNotBefore, "nbf", question.lifetime->not_before);
  tell(Check::kIssuedAt, "iat", question.lifetime->issued_at);
}

void tell_age(Trace& trace, const TimeQuestion& question, std::int64_t now, Reason reason) {
  if (trace.has_failed()) return;
  if (!question.rules.max_token_age) return trace.skip(Check::kAge, "the provider sets no maxTokenAgeSeconds");
  const std::string most = std::to_string(question.rules.max_token_age->count()) + " s";
  trace.judge(Check::kAge, reason == Reason::kOk,
              "issued " + std::to_string(now - *question.lifetime->issued_at) + " s ago; at most " + most + " and " +
                  std::to_string(question.rules.clock_skew.count()) + " s of clock skew are allowed");
}

std::string kind_text(jose::ClaimKind kind) {
  if (kind == jose::ClaimKind::kMissing || kind == jose::ClaimKind::kNull) return "is not there";
  return "is there";
}

// The values at `path`, as far as they may be shown.
std::string values_text(const Trace& trace, const jose::Claims& claims, const base::ClaimPath& path) {
  constexpr std::size_t kMost = 12;
  std::string text;
  std::size_t count = 0;
  const bool is_text = claims.for_each_string(path, [&](std::string_view value) {
    if (++count <= kMost) text += (count == 1 ? "" : ", ") + trace.claim(value);
    return true;
  });
  if (!is_text) return claims.kind_at(path) == jose::ClaimKind::kMissing ? "not there" : "no text and no list of texts";
  if (!trace.shows_claims()) return std::to_string(count) + (count == 1 ? " value" : " values") + ", not shown";
  return count > kMost ? text + " and " + std::to_string(count - kMost) + " more" : text;
}

void tell_who(Trace& trace, const Identity& who) {
  trace.pass(Check::kIdentity, "the user is " + trace.claim(who.user_id));
  if (!who.user_key.empty()) trace.detail(Check::kIdentity, "in logs: " + who.user_key);
  if (!who.project.empty()) trace.detail(Check::kIdentity, "the project is " + trace.claim(who.project));
  const std::size_t count = who.roles.size();
  trace.pass(Check::kRoles, std::to_string(count) + (count == 1 ? " role" : " roles") +
                                (trace.shows_claims() && count > 0 ? ": " + joined(who.roles) : std::string()));
}

constexpr std::string_view kInTheAnswer = "looked at in the provider's answer";

// What the token says decides nothing then; what the provider says is held to the same rules.
void tell_known(Trace& trace, const std::string& name) {
  trace.pass(Check::kProvider, name + " was asked, and knows the token");
  for (const Check check : {Check::kAlgorithm, Check::kKey, Check::kSignature, Check::kExpiry, Check::kNotBefore,
                            Check::kIssuedAt, Check::kAge, Check::kAudience, Check::kTenant, Check::kBinding,
                            Check::kTokenType, Check::kRequiredClaims, Check::kPlugin}) {
    trace.skip(check, kInTheAnswer);
  }
}

std::string unhelpful_text(Reason reason) {
  switch (reason) {
    case Reason::kOpaqueInactive:
      return "was asked, and does not know the token, or not any more";
    case Reason::kProviderUnavailable:
      return "was asked, and has given no answer that can be used";
    default:
      return "was asked, and what it says is refused: " + std::string(name(reason));
  }
}

std::string rule_fault(const RulesQuestion& question, const Ruled& ruled) {
  switch (ruled.check) {
    case Check::kTenant:
      return "the claim " + std::string(question.match.template_claim) + " is not the tenant of the issuer";
    case Check::kBinding:
      return "the token is bound to a key (cnf), and nothing here checks the binding";
    case Check::kTokenType:
      return "typ says that it is a token of another kind: " + excerpt(question.token.header.type.value_or(""));
    default:
      return "the plugin refuses it: " + std::string(name(ruled.checked.reason));
  }
}

void tell_required_claims(Trace& trace, const RulesQuestion& question, bool has_failed) {
  const auto& required = question.provider.settings.required_claims;
  if (required.empty()) return trace.skip(Check::kRequiredClaims, "requiredClaims is not set");
  for (const base::ClaimPath& path : required) {
    trace.detail(Check::kRequiredClaims, path.display() + " " + kind_text(question.token.claims.kind_at(path)));
  }
  trace.judge(Check::kRequiredClaims, !has_failed, has_failed ? "a required claim is not there" : "all are there");
}

// Passed, as the one that failed comes later.
void tell_passed_rule(Trace& trace, Check check, const RulesQuestion& question) {
  switch (check) {
    case Check::kTenant:
      if (question.match.template_claim.empty()) return trace.skip(check, "the issuer has no tenant to compare");
      return trace.pass(check, "the claim " + std::string(question.match.template_claim) + " is the issuer's tenant");
    case Check::kBinding:
      return trace.pass(check, question.token.claims.kind_of("cnf") == jose::ClaimKind::kMissing
                                   ? "the token is not bound to a key"
                                   : "the plugin checks the binding");
    case Check::kTokenType:
      return trace.pass(check, question.token.header.type ? "typ is " + excerpt(*question.token.header.type)
                                                          : std::string("there is no typ"));
    case Check::kRequiredClaims:
      return tell_required_claims(trace, question, false);
    default:
      if (question.provider.plugin == nullptr) return trace.skip(check, "there is no plugin");
      return trace.pass(check, "the plugin " + std::string(question.provider.plugin->plugin_name()) + " " +
                                   std::string(question.provider.plugin->plugin_version()) + " accepts it");
  }
}

std::string range_text(const access::ApiKey& key) {
  if (!key.ranges) return "the key is taken from anywhere";
  std::vector<std::string> ranges;
  for (const settings::AddressRange& range : *key.ranges) ranges.push_back(range.to_text());
  return ranges.empty() ? "the key is taken from nowhere" : "the key is taken from " + joined(ranges) + " only";
}

void tell_client_address(Trace& trace, const KeyQuestion& question) {
  const access::ApiKey& key = question.key;
  if (!key.ranges) return trace.skip(Check::kClientAddress, range_text(key));
  const unsigned proxy_count = question.proxy_count;
  const auto client = access::find_client(question.forwarded_for, proxy_count);
  const std::string place = proxy_count == 0 ? "the last entry of X-Forwarded-For (apiKeyValidation.proxyCount is 0)"
                                             : "left of the last " + std::to_string(proxy_count) +
                                                   " of X-Forwarded-For (apiKeyValidation.proxyCount)";
  trace.judge(
      Check::kClientAddress, question.is_near,
      range_text(key) + "; the client is " + (client ? excerpt(*client) : std::string("not named")) + ", " + place);
}

std::string window_text(const state::WindowStanding& window) {
  const state::WindowShape& shape = state::shape_of(window.window);
  const double unit = shape.quantity == state::Quantity::kCost ? state::kNanodollars : 1;
  const auto number = [&](std::int64_t value) {
    std::string text = std::to_string(static_cast<double>(value) / unit);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
  };
  return std::string(shape.name) + ": " + number(window.used) + " of " + number(window.limit) + " used, " +
         number(window.left()) + " left";
}

}  // namespace

void tell_credential(Trace& trace, CredentialKind kind) {
  if (kind == CredentialKind::kNone) return trace.skip(Check::kCredential, "none came");
  const bool is_key = kind == CredentialKind::kApiKey;
  trace.pass(Check::kCredential, is_key ? "an API key" : "a bearer token");
  if (is_key) {
    trace.expect(Check::kApiKey, Check::kClientAddress);
    trace.expect(Check::kRoles, Check::kRevocation);
  } else {
    trace.expect(Check::kShape, Check::kRevocation);
  }
}

void tell_api_key(Trace& trace, const access::ApiKey* key) {
  if (key == nullptr)
    return trace.fail(Check::kApiKey,
                      "the settings have no such key; bearerctl key hash makes what they would have of it");
  trace.provider = kApiKeyProvider;
  trace.pass(Check::kApiKey, "a key of the project " + excerpt(key->project));
}

void tell_key_checks(Trace& trace, const KeyQuestion& question, Reason reason, const std::string& why_revoked) {
  // A revocation outdoes the address.
  if (reason == Reason::kRevoked && !question.is_near) {
    trace.skip(Check::kClientAddress, "the project is revoked, wherever the client is");
  } else {
    tell_client_address(trace, question);
  }
  if (reason == Reason::kAddressNotAllowed) return;
  if (reason == Reason::kClaimRejected)
    return trace.fail(Check::kIdentity, "the project does not fit verify.maxIdentityBytes");
  const std::vector<std::string>& roles = question.key.roles;
  trace.pass(Check::kRoles, roles.empty() ? "the key has no roles" : "the key has the roles " + joined(roles));
  tell_revocation(trace, question.has_revocations, why_revoked);
}

void tell_shape(Trace& trace, Reason reason, std::size_t bytes) {
  const std::string size = " (" + std::to_string(bytes) + " bytes)";
  switch (reason) {
    case Reason::kOk:
      return trace.pass(Check::kShape, "a signed JSON web token" + size);
    case Reason::kTooLarge:
      return trace.fail(Check::kShape, "it is too large: verify.maxTokenBytes, or its header" + size);
    case Reason::kEncryptedToken:
      return trace.fail(Check::kShape, "it is encrypted, which nobody here can read" + size);
    case Reason::kOpaqueUnsupported:
      return trace.fail(Check::kShape, "it is no JSON web token, and no provider takes opaque ones" + size);
    case Reason::kCriticalHeader:
      return trace.fail(Check::kShape, "its header demands an extension (crit, b64)" + size);
    case Reason::kAlgNotAllowed:
      return trace.fail(Check::kShape, "it is not signed: alg is none" + size);
    default:
      return trace.fail(Check::kShape, "it is no well-formed token" + size);
  }
}

void tell_issuer(Trace& trace, const runtime::Snapshot& snapshot, std::optional<std::string_view> issuer,
                 const std::optional<runtime::IssuerMatch>& match) {
  for (std::size_t i = 0; i < snapshot.providers.size(); ++i) {
    if (match && match->provider == i) continue;
    const runtime::Provider& other = *snapshot.providers[i];
    const bool fits_too = match && fits_pattern(other, issuer.value_or(std::string_view{}));
    trace.detail(match ? Check::kProvider : Check::kIssuer,
                 other.settings.name + ": answers for " + issuers_text(other) + (fits_too ? ", which fits too" : ""));
  }
  const std::string said = issuer ? "iss is " + trace.claim(*issuer) : std::string("there is no iss");
  if (!match)
    return trace.fail(Check::kIssuer, said + "; no provider answers for it" + near_miss(snapshot, issuer.value_or("")));
  const runtime::Provider& provider = *snapshot.providers[match->provider];
  trace.provider = provider.settings.name;
  trace.pass(Check::kIssuer, said);
  trace.pass(Check::kProvider,
             provider.settings.name + ": " + why_chosen(snapshot, issuer.value_or(std::string_view{}), *match));
}

void tell_unverified(Trace& trace) {
  for (const Check check : {Check::kAlgorithm, Check::kKey, Check::kSignature})
    trace.skip(check, "disableJwtVerification: anybody can forge tokens of this provider");
}

void tell_lifetime(Trace& trace, const TimeQuestion& question, Reason reason) {
  if (question.lifetime == nullptr) {
    return trace.fail(Check::kExpiry, reason == Reason::kMissingClaim ? "exp or iat is needed, and is not there"
                                                                      : "exp, nbf or iat is no date");
  }
  const std::int64_t now = state::second_of(question.now);
  tell_expiry(trace, question, now, reason);
  tell_begin(trace, question, now);
  tell_age(trace, question, now, reason);
}

void tell_audience(Trace& trace, const runtime::Provider& provider, const jose::Claims& claims, Reason reason) {
  if (provider.audiences.empty())
    return trace.skip(Check::kAudience, "no audience is set: tokens made for others are taken too");
  static const base::ClaimPath aud = base::ClaimPath::from_text("aud");
  const base::ClaimPath& path = provider.plugin != nullptr ? provider.plugin->trust().audience_claim : aud;
  trace.judge(Check::kAudience, reason == Reason::kOk,
              path.display() + " has to be one of " + joined(provider.audiences) + "; it is " +
                  values_text(trace, claims, path));
}

void tell_rules(Trace& trace, const RulesQuestion& question, const Ruled& ruled) {
  const bool is_good = ruled.checked.reason == Reason::kOk;
  for (const Check check :
       {Check::kTenant, Check::kBinding, Check::kTokenType, Check::kRequiredClaims, Check::kPlugin}) {
    if (check != ruled.check || is_good) {
      tell_passed_rule(trace, check, question);
    } else if (check == Check::kRequiredClaims) {
      return tell_required_claims(trace, question, true);
    } else {
      return trace.fail(check, rule_fault(question, ruled));
    }
  }
}

void tell_identity(Trace& trace, const runtime::Provider& provider, const jose::Claims& claims,
                   const tl::expected<std::shared_ptr<const Identity>, Reason>& identity) {
  if (!identity) {
    return trace.fail(Check::kIdentity, identity.error() == Reason::kMissingClaim ? "the token yields no user id"
                                        : identity.error() == Reason::kInternal
                                            ? "the plugin could not say who it is"
                                            : "the user id does not fit verify.maxIdentityBytes");
  }
  tell_who(trace, **identity);
  for (const base::ClaimPath& path : role_paths_for(provider.settings, claims)) {
    trace.detail(Check::kRoles, "rolePath " + path.display() + ": " + values_text(trace, claims, path));
  }
  if (provider.settings.role_paths.empty())
    trace.detail(Check::kRoles, "no rolePath is set: the plugin says the roles");
}

void tell_opaque(Trace& trace, const runtime::Snapshot& snapshot) {
  const auto& providers = snapshot.providers;
  const bool is_asked_about =
      std::ranges::any_of(providers, [](const auto& each) { return runtime::takes_opaque(*each); });
  for (const auto& provider : providers) {
    if (runtime::takes_opaque(*provider)) continue;
    trace.detail(is_asked_about ? Check::kProvider : Check::kShape,
                 provider->settings.name + ": not asked, it takes no opaque tokens");
  }
  if (!is_asked_about) return;
  trace.pass(Check::kShape, "it is opaque: the providers that take such tokens are asked about it");
  trace.skip(Check::kIssuer, kInTheAnswer);
}

void tell_unhelpful(Trace& trace, const runtime::Snapshot& snapshot, const runtime::Provider& provider, Reason reason) {
  trace.detail(Check::kProvider,
               provider.settings.name + ": " +
                   (snapshot.is_disabled(provider) ? "not asked, it is switched off" : unhelpful_text(reason)));
}

void tell_not_needed(Trace& trace, const runtime::Snapshot& snapshot, std::size_t decided) {
  for (std::size_t i = decided + 1; i < snapshot.providers.size(); ++i) {
    const runtime::Provider& provider = *snapshot.providers[i];
    if (runtime::takes_opaque(provider))
      trace.detail(Check::kProvider,
                   provider.settings.name + ": takes opaque tokens too, and comes later in file order");
  }
}

void tell_answer(Trace& trace, const runtime::Provider& provider, Check asked_for, const Identity& who) {
  const std::string& name = provider.settings.name;
  trace.provider = name;
  tell_who(trace, who);
  if (asked_for == Check::kRoles)
    return trace.detail(Check::kRoles, name + " was asked for what the token does not say");
  tell_known(trace, name);
}

void tell_no_answer(Trace& trace, const runtime::Provider* provider, Check asked_for, Reason reason) {
  // Nobody was asked, so nothing behind it was reached.
  if (provider == nullptr)
    return trace.fail(Check::kShape, "it is no signed JSON web token, and no provider takes others");
  trace.provider = provider->settings.name;
  trace.fail(asked_for, provider->settings.name + " was asked: " + std::string(name(reason)));
}

void tell_disabled(Trace& trace, const state::DisabledProviders& disabled, const runtime::Provider& provider) {
  const std::string& name = provider.settings.name;
  const std::string state =
      disabled.is_everyone ? " counts as switched off, as it can't be read which providers are" : " is switched off";
  trace.fail(Check::kProvider, name + state + "; this takes its tokens again: bearerctl enable " + name);
  trace.expect(Check::kAlgorithm, Check::kLimits);
}

void tell_revocation(Trace& trace, bool has_entries, const std::string& why) {
  if (!why.empty()) return trace.fail(Check::kRevocation, why);
  if (!has_entries) return trace.skip(Check::kRevocation, "nothing is revoked");
  trace.pass(Check::kRevocation, "it is on no list");
}

void tell_no_limits(Trace& trace, bool is_allowed, bool has_deployment) {
  if (!is_allowed) return;
  trace.skip(Check::kLimits, has_deployment ? "limits are not looked at" : "limits are about deployments");
}

void tell_limit_owners(Trace& trace, const state::LimitTable::Owners& owners) {
  // All of them are configured names: what else the caller has owns no limit.
  const auto tell = [&](std::string_view what, const std::vector<std::string>& roles) {
    if (roles.empty()) return;
    trace.detail(Check::kLimits,
                 std::string(what) + (roles.size() == 1 ? " the role " : " the roles ") + joined(roles));
  };
  tell("tokens and requests are limited by", owners.of_deployment);
  tell("cost is limited by", owners.of_cost);
}

void tell_limits(Trace& trace, const state::LimitQuestion& question, const state::Standing* standing) {
  if (question.limits.forbids()) {
    return trace.fail(Check::kLimits, "a limit of 0 forbids the caller's roles this deployment");
  }
  if (standing == nullptr)
    return trace.fail(Check::kLimits, "the counters can't be asked, and the settings say to refuse then");
  for (const state::WindowStanding& window : standing->limited()) trace.detail(Check::kLimits, window_text(window));
  if (standing->limited().empty()) return trace.skip(Check::kLimits, "the caller's roles have no limits here");
  if (!standing->reached) return trace.pass(Check::kLimits, "no limit is reached");
  trace.fail(Check::kLimits, std::string(state::shape_of(*standing->reached).name) + " is reached; ask again in " +
                                 std::to_string(standing->retry_after.count()) + " s");
}

}  // namespace bearerd::verify
