#include "verify/comparison.hpp"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>
#include <variant>

#include "base/text.hpp"
#include "settings/sorting.hpp"
#include "verify/token_owners.hpp"

namespace bearerd::verify {
namespace {

using base::Reason;

constexpr std::size_t kMostChanges = 200;

struct Ruled {
  Reason reason = Reason::kInternal;
  std::string deployment, route;
};
using Judgement = std::variant<Ruled, Doubt>;

Ruled answered(const PastDecision& decision) { return {decision.reason, decision.deployment, decision.route}; }

// Knows claims by their tags. What can't be told from a tag is answered as `in_doubt` says.
class TaggedClaims final : public access::ClaimOracle {
 public:
  TaggedClaims(const PastDecision& decision, TokenHasher& hasher, bool in_doubt)
      : decision_(decision), hasher_(hasher), in_doubt_(in_doubt) {}

  [[nodiscard]] bool matches(const settings::Rule& rule) const override {
    const auto found = std::find_if(decision_.claims.begin(), decision_.claims.end(),
                                    [&](const TaggedClaim& claim) { return claim.name == rule.source; });
    if (found == decision_.claims.end()) {
      const auto& looked_at = decision_.under->claims;
      return std::find(looked_at.begin(), looked_at.end(), rule.source) == looked_at.end() && in_doubt_;
    }
    if (rule.function == settings::RuleFunction::kTrue) return true;
    if (rule.function == settings::RuleFunction::kFalse || found->values.empty()) return false;
    if (rule.function != settings::RuleFunction::kEqual || !found->is_ascii) return in_doubt_;
    return std::any_of(rule.targets.begin(), rule.targets.end(), [&](const std::string& target) {
      const TokenTag tag = hasher_.tag(base::to_lower(target));
      return std::find(found->values.begin(), found->values.end(), tag) != found->values.end();
    });
  }

 private:
  const PastDecision& decision_;
  TokenHasher& hasher_;
  const bool in_doubt_;
};

class Judge {
 public:
  explicit Judge(const runtime::Rules& rules)
      : rules_(rules), owners_(rules.takers, hasher_), api_keys_(fingerprint_of_keys(*rules.settings)) {}

  Judgement judge(const PastDecision& decision) {
    if (!decision.is_question) return Doubt::kNoQuestion;
    if (decision.is_cut) return Doubt::kTooLong;
    // While there are no keys, their header is not looked at.
    const bool has_api_keys = !rules_.settings->dynamic.keys.empty();
    if (decision.provider == kApiKeyProvider)
      return has_api_keys ? judge_api_key(decision) : authorize(decision, nullptr);
    if (decision.has_credential) return judge_token(decision);
    return has_api_keys && !decision.under->had_api_keys ? Judgement(Doubt::kApiKeys) : authorize(decision, nullptr);
  }

 private:
  [[nodiscard]] Judgement judge_token(const PastDecision& decision) {
    switch (owners_.owner_of(decision)) {
      case Owner::kNobody:
        return Ruled{decision.opaque.value_or(Reason::kUnknownIssuer), {}, {}};
      case Owner::kChanged:
        return Doubt::kProvider;
      case Owner::kUnknown:
        return Doubt::kProviders;
      case Owner::kSame:
        break;
    }
    if (decision.is_authenticated) return authorize(decision, &decision.roles);
    // Refused for what the token is. The same entry finds the same.
    return has_same_bounds(*decision.under) ? answered(decision) : Judgement(Doubt::kProvider);
  }

  [[nodiscard]] bool has_same_bounds(const DecidedUnder& under) const {
    const settings::Verify& verify = rules_.settings->verify;
    return under.max_token_bytes == verify.max_token_bytes && under.max_identity_bytes == verify.max_identity_bytes;
  }

  [[nodiscard]] Judgement judge_api_key(const PastDecision& decision) {
    const bool has_same_keys = decision.under->api_keys == api_keys_;
    if (!decision.is_authenticated) return has_same_keys ? answered(decision) : Judgement(Doubt::kApiKeys);
    const access::ApiKey* key = decision.api_key ? rules_.authorizer->api_keys().find(*decision.api_key) : nullptr;
    if (key == nullptr) return Ruled{Reason::kUnknownApiKey, {}, {}};
    if (key->ranges && !has_same_keys) return Doubt::kApiKeys;
    return authorize(decision, &key->roles);
  }

  [[nodiscard]] access::Ruling rule(const PastDecision& decision, const std::vector<std::string>* roles,
                                    bool in_doubt) {
    static const std::vector<access::Claim> no_claims;
    const access::Wish wish{decision.resource, decision.method, decision.path, decision.host};
    if (roles == nullptr) return rules_.authorizer->authorize(wish, nullptr);
    const TaggedClaims claims(decision, hasher_, in_doubt);
    const access::Caller caller{decision.provider, *roles, no_claims, decision.token_age, &claims};
    return rules_.authorizer->authorize(wish, &caller);
  }

  // `roles` null: no credential. Rules about claims only ever grant, so two answers say it all.
  [[nodiscard]] Judgement authorize(const PastDecision& decision, const std::vector<std::string>* roles) {
    const access::Ruling ruling = rule(decision, roles, false);
    if (ruling.reason != rule(decision, roles, true).reason) return Doubt::kClaims;
    Ruled ruled{ruling.reason, std::string(ruling.deployment), std::string(ruling.route)};
    if (ruled.reason != Reason::kOk || ruled.deployment.empty() || roles == nullptr) return ruled;
    return limit(decision, *roles, std::move(ruled));
  }

  [[nodiscard]] Judgement limit(const PastDecision& decision, const std::vector<std::string>& roles,
                                Ruled ruled) const {
    const state::LimitTable::Deployment* const deployment = rules_.limits->find(ruled.deployment);
    if (deployment == nullptr) return ruled;
    const state::Limits limits = rules_.limits->effective(*deployment, roles);
    bool is_in_doubt = false;
    for (const state::WindowShape& shape : state::kWindows) {
      const std::int64_t most = limits.of(shape.window);
      if (most <= 0) return Ruled{Reason::kNoRole, ruled.deployment, {}};
      if (most == state::Limits::kUnlimited) continue;
      const std::int64_t used = decision.used[static_cast<std::size_t>(shape.window) - 1];
      if (used >= most) ruled.reason = Reason::kLimitReached;
      is_in_doubt = is_in_doubt || used < 0;
    }
    if (is_in_doubt && ruled.reason == Reason::kOk) return Doubt::kLimits;
    return ruled;
  }

  const runtime::Rules& rules_;
  TokenHasher hasher_;
  TokenOwners owners_;
  std::uint64_t api_keys_ = 0;
};

Ruled ruled_or_answered(Judgement judgement, const PastDecision& decision) {
  auto* ruled = std::get_if<Ruled>(&judgement);
  return ruled != nullptr ? std::move(*ruled) : answered(decision);
}

// Changes by what they have in common.
class Changes {
 public:
  void add(const PastDecision& decision, const Ruled& before, const Ruled& after) {
    std::vector<std::string> roles = decision.roles;
    std::sort(roles.begin(), roles.end());
    const bool names_nothing = after.deployment.empty() && after.route.empty();
    const std::string& deployment = names_nothing ? before.deployment : after.deployment;
    const std::string& route = names_nothing ? before.route : after.route;
    Key key{before.reason, after.reason, decision.provider, deployment, route, roles};
    auto found = changes_.find(key);
    if (found == changes_.end()) {
      if (changes_.size() == kMostChanges) {
        ++left_out_;
        return;
      }
      Change change;
      change.before = before.reason;
      change.after = after.reason;
      change.provider = decision.provider;
      change.deployment = deployment;
      change.route = route;
      change.roles = std::move(roles);
      found = changes_.emplace(std::move(key), std::move(change)).first;
    }
    note(found->second, decision);
  }

  void move_to(Comparison& comparison) {
    for (auto& [key, change] : changes_) comparison.changes.push_back(std::move(change));
    settings::sort_stably_by(comparison.changes,
                             [](const Change& change) { return -static_cast<std::int64_t>(change.count); });
    comparison.left_out = left_out_;
  }

 private:
  using Key = std::tuple<Reason, Reason, std::string, std::string, std::string, std::vector<std::string>>;

  static void note(Change& change, const PastDecision& decision) {
    ++change.count;
    if (!decision.user.empty() && change.users.size() < Change::kMostUsers) change.users.insert(decision.user);
    change.last = decision.at;
    change.method = decision.method;
    change.path = decision.path;
    change.resource = decision.resource;
  }

  std::map<Key, Change> changes_;
  std::size_t left_out_ = 0;
};

}  // namespace

std::string_view name(Doubt doubt) noexcept {
  switch (doubt) {
    case Doubt::kNoQuestion:
      return "no_question";
    case Doubt::kTooLong:
      return "too_long";
    case Doubt::kProvider:
      return "provider_differs";
    case Doubt::kProviders:
      return "providers_differ";
    case Doubt::kApiKeys:
      return "api_keys_differ";
    case Doubt::kClaims:
      return "claim_not_kept";
    case Doubt::kLimits:
      break;
  }
  return "use_not_counted";
}

Comparison compare(const std::vector<PastDecision>& decisions, const runtime::Rules& running,
                   const runtime::Rules& candidate) {
  Comparison comparison;
  Judge now(running), then(candidate);
  Changes changes;
  for (const PastDecision& decision : decisions) {
    if (!comparison.first) comparison.first = decision.at;
    comparison.last = decision.at;
    const Judgement judgement = then.judge(decision);
    if (const auto* doubt = std::get_if<Doubt>(&judgement)) {
      ++comparison.doubts[*doubt];
      continue;
    }
    const auto& after = std::get<Ruled>(judgement);
    const Ruled before = ruled_or_answered(now.judge(decision), decision);
    ++comparison.compared;
    if (kind_of(before.reason) != kind_of(decision.reason)) ++comparison.already_changed;
    if (kind_of(after.reason) != kind_of(before.reason)) {
      ++comparison.turned[{kind_of(before.reason), kind_of(after.reason)}];
      changes.add(decision, before, after);
    } else if (after.reason != before.reason) {
      ++comparison.other_reason;
    } else {
      ++comparison.unchanged;
    }
  }
  changes.move_to(comparison);
  return comparison;
}

}  // namespace bearerd::verify
