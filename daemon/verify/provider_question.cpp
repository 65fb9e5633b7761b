#include "verify/provider_question.hpp"

#include <algorithm>
#include <utility>

#include "jose/validity.hpp"
#include "plugin/endpoints.hpp"
#include "verify/identity.hpp"
#include "verify/token_rules.hpp"

namespace bearerd::verify {
namespace {

using base::Reason;

// Over all that one question asks for. Longer than any request waits: the answer serves the next one.
constexpr std::chrono::seconds kDeadline{4};
// How long an outage is not looked at again for the same token.
constexpr std::chrono::seconds kAfterOutage{1};
// Of an answer that is too large to be kept: whoever waits finds it, and so does a burst.
constexpr std::chrono::nanoseconds kLargeAnswerLife = std::chrono::seconds(1);

std::optional<std::int64_t> sooner(std::optional<std::int64_t> a, std::optional<std::int64_t> b) noexcept {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

class Asking {
 public:
  Asking(ProviderQuestion& question, const base::Clock& clock)
      : question_(question),
        clock_(clock),
        snapshot_(*question.snapshot),
        provider_(*snapshot_.providers[question.provider]),
        inquiry_{*provider_.endpoints, question.credential, clock.steady() + kDeadline} {}

  ProviderAnswer run() { return question_.jwt ? enrich_jwt(*question_.jwt) : resolve(); }

 private:
  ProviderAnswer resolve() {
    const plugin::Resolved resolved = provider_.plugin->resolve(inquiry_);
    if (resolved.reason != Reason::kOk) return refuse(resolved.reason);
    const jose::Claims claims = resolved.claims->claims();
    const jose::TimeRules time = opaque_time_rules(provider_);
    auto lifetime = jose::read_lifetime(claims, time);
    if (!lifetime) return refuse(lifetime.error());
    lifetime->expires_at = sooner(lifetime->expires_at, resolved.valid_until);
    for (const Reason reason : {jose::check_lifetime(*lifetime, time, clock_.wall()), check_issuer(claims),
                                check_resolved_audience(claims)}) {
      if (reason != Reason::kOk) return refuse(reason);
    }
    const jose::Header header;
    const plugin::Checked checked = check_rules(provider_, nullptr, header, claims).checked;
    if (checked.reason != Reason::kOk) return refuse(checked.reason);

    Verdict verdict;
    verdict.lifetime = *lifetime;
    verdict.is_opaque = true;
    verdict.issuer = claims.string_of("iss").value_or(std::string_view{});
    verdict.provider_epoch = provider_.epoch;
    verdict.snapshot_epoch = snapshot_.epoch;
    return finish(std::move(verdict), header, claims, checked.needs_enrichment, {});
  }

  ProviderAnswer enrich_jwt(VerifiedJwt& jwt) {
    jose::TokenParser parser({question_.credential.size(), question_.credential.size(), 16});
    const auto token = parser.parse(question_.credential);
    if (!token) return refuse(Reason::kInternal);  // it was parsed before
    return finish(std::move(jwt.verdict), token->header, token->claims, true, jwt.key_id);
  }

  ProviderAnswer finish(Verdict verdict, const jose::Header& header, const jose::Claims& claims, bool needs_enrichment,
                        std::string_view key_id) {
    plugin::Enriched enriched;
    if (needs_enrichment || !provider_.settings.role_function.empty()) {
      if (!provider_.plugin->can_enrich()) return refuse(Reason::kProviderUnavailable);
      enriched = provider_.plugin->enrich(header, claims, inquiry_);
      if (enriched.reason != Reason::kOk) return refuse(enriched.reason);
    }
    auto identity = build_identity(snapshot_, provider_, header, claims, &enriched.identity);
    if (!identity) return refuse(identity.error());
    verdict.identity = std::move(*identity);
    verdict.traces = traces_of(snapshot_.caller_secret, *verdict.identity, claims, key_id);
    ProviderAnswer answer;
    answer.reason = Reason::kOk;
    std::chrono::nanoseconds life = life_until(sooner(verdict.lifetime.expires_at, enriched.valid_until));
    if (!is_small_enough(*verdict.identity)) life = std::min(life, kLargeAnswerLife);
    answer.holds_until = clock_.steady() + life;
    verdict.holds_until = answer.holds_until;
    verdict.renew_at = answer.holds_until - life / 5;
    answer.verdict = std::move(verdict);
    return answer;
  }

  // RFC 7662 §2.2. An answer that names another issuer than ours is about a token that was not meant for this entry.
  [[nodiscard]] Reason check_issuer(const jose::Claims& claims) const {
    if (claims.kind_of("iss") == jose::ClaimKind::kMissing || !runtime::has_issuer_rule(provider_)) return Reason::kOk;
    const auto issuer = claims.string_of("iss");
    const auto match = issuer ? snapshot_.find_issuer(*issuer) : std::nullopt;
    if (!match || match->provider != question_.provider) return Reason::kUnknownIssuer;
    const bool fits_tenant =
        match->template_claim.empty() || claims.string_of(match->template_claim) == match->template_value;
    return fits_tenant ? Reason::kOk : Reason::kWrongTenant;
  }

  // A plugin that has looked for itself may have done so with another answer than this one (Google's token info). But
  // what this one says holds.
  [[nodiscard]] Reason check_resolved_audience(const jose::Claims& claims) const {
    const plugin::Trust& trust = provider_.plugin->trust();
    const bool says_nothing = claims.kind_at(trust.audience_claim) == jose::ClaimKind::kMissing;
    return trust.checks_audience && says_nothing ? Reason::kOk : check_audience(provider_, claims);
  }

  [[nodiscard]] std::chrono::seconds life_until(std::optional<std::int64_t> expires_at) const {
    const std::chrono::seconds most = snapshot_.settings->cache.opaque_life;
    if (!expires_at) return most;
    // In whole seconds: as nanoseconds, a date far ahead is no number any more.
    const auto now = std::chrono::ceil<std::chrono::seconds>(clock_.wall().time_since_epoch());
    const auto left = std::chrono::seconds(*expires_at) - now;
    // Within the clocks' skew there may be none left; whoever waits for this answer is still to find it.
    return std::clamp(left, std::chrono::seconds(1), most);
  }

  [[nodiscard]] ProviderAnswer refuse(Reason reason) const {
    ProviderAnswer answer;
    answer.reason = reason;
    answer.retry_after = std::chrono::seconds(answer.is_outage() ? 1 : 0);
    answer.holds_until =
        clock_.steady() + (answer.is_outage() ? std::chrono::nanoseconds(kAfterOutage)
                                              : std::chrono::nanoseconds(provider_.settings.negative_ttl));
    return answer;
  }

  ProviderQuestion& question_;
  const base::Clock& clock_;
  const runtime::Snapshot& snapshot_;
  const runtime::Provider& provider_;
  plugin::Inquiry inquiry_;
};

}  // namespace

ProviderAnswer ask_provider(ProviderQuestion& question, const base::Clock& clock) noexcept {
  ProviderAnswer failed;
  failed.retry_after = kAfterOutage;
  failed.holds_until = clock.steady() + kAfterOutage;
  try {
    if (question.snapshot->providers[question.provider]->endpoints == nullptr) return failed;
    return Asking(question, clock).run();
  } catch (...) {  // a job's top
    failed.reason = Reason::kInternal;
    return failed;
  }
}

}  // namespace bearerd::verify
