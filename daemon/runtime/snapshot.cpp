#include "runtime/snapshot.hpp"

#include <algorithm>

#include "settings/regex.hpp"

namespace bearerd::runtime {
namespace {

// What stands for the variable part of the template in `issuer`.
std::optional<std::string_view> match_template(const plugin::IssuerTemplate& pattern, std::string_view issuer) {
  const std::string_view text = pattern.text;
  const std::size_t open = text.find('{');
  const std::size_t close = text.find('}');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::nullopt;
  const std::string_view before = text.substr(0, open);
  const std::string_view after = text.substr(close + 1);
  if (issuer.size() <= before.size() + after.size() || !issuer.starts_with(before) || !issuer.ends_with(after))
    return std::nullopt;
  const std::string_view value = issuer.substr(before.size(), issuer.size() - before.size() - after.size());
  // One path segment, nothing that could reach into the next part of a URL.
  if (value.find_first_of("/?#:@") != std::string_view::npos) return std::nullopt;
  const auto& allowed = pattern.allowed;
  if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), value) == allowed.end()) return std::nullopt;
  return value;
}

}  // namespace

bool has_issuer_rule(const Provider& provider) noexcept {
  return !provider.settings.issuers.empty() || provider.settings.issuer_pattern != nullptr ||
         (provider.plugin != nullptr &&
          (!provider.plugin->trust().issuers.empty() || !provider.plugin->trust().templates.empty()));
}

std::vector<std::string> issuers_of(const Provider& provider) {
  std::vector<std::string> issuers = provider.settings.issuers;
  if (provider.plugin == nullptr) return issuers;
  const plugin::Trust& trust = provider.plugin->trust();
  issuers.insert(issuers.end(), trust.issuers.begin(), trust.issuers.end());
  for (const plugin::IssuerTemplate& pattern : trust.templates) issuers.push_back(pattern.text);
  return issuers;
}

// Without keys there is nothing to verify with; who can be asked is asked about JWTs too then.
bool takes_jwts(const Provider& provider) noexcept {
  if (provider.plugin == nullptr) return true;
  const plugin::TokenKind kinds = provider.plugin->trust().kinds;
  if (kinds == plugin::TokenKind::kBoth) return !provider.keys.empty() || provider.settings.is_unverified;
  return kinds == plugin::TokenKind::kJwt;
}

bool takes_opaque(const Provider& provider) noexcept {
  return provider.plugin != nullptr && provider.plugin->trust().kinds != plugin::TokenKind::kJwt &&
         provider.plugin->can_resolve();
}

std::string_view name(ProviderReadiness readiness) noexcept {
  switch (readiness) {
    case ProviderReadiness::kReady:
      return "ready";
    case ProviderReadiness::kWaiting:
      return "waiting";
    case ProviderReadiness::kDisabled:
      return "disabled";
    case ProviderReadiness::kFailed:
      break;
  }
  return "failed";
}

std::optional<IssuerMatch> Snapshot::find_issuer(std::string_view issuer) const {
  if (const auto exact = exact_issuers.find(issuer); exact != exact_issuers.end()) {
    IssuerMatch match;
    match.provider = exact->second;
    return match;
  }
  for (std::size_t i = 0; i < providers.size(); ++i) {
    if (providers[i]->plugin == nullptr) continue;
    for (const plugin::IssuerTemplate& pattern : providers[i]->plugin->trust().templates) {
      if (const auto value = match_template(pattern, issuer)) return IssuerMatch{i, *value, pattern.claim, false};
    }
  }
  std::optional<IssuerMatch> first;
  for (std::size_t i = 0; i < providers.size(); ++i) {
    const auto& pattern = providers[i]->settings.issuer_pattern;
    // A token without an issuer fits no pattern, whatever ".*" may take.
    if (issuer.empty() || pattern == nullptr || !pattern->matches_whole(issuer)) continue;
    if (first) {
      first->is_ambiguous = true;
      return first;
    }
    first = IssuerMatch{i, {}, {}, false};
  }
  // DIAL Core asks a lone provider whatever the token's issuer is; so do we, unless its settings say an issuer.
  if (!first && providers.size() == 1 && !has_issuer_rule(*providers.front())) return IssuerMatch{0, {}, {}, false};
  return first;
}

}  // namespace bearerd::runtime
