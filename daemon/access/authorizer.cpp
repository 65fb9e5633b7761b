#include "access/authorizer.hpp"

#include <algorithm>
#include <set>

#include "access/narration.hpp"
#include "access/protected_path.hpp"

namespace bearerd::access {
namespace {

using base::Reason;

bool is_default_deny(const settings::Settings& settings) {
  if (settings.verify.default_route) return *settings.verify.default_route == settings::DefaultRoute::kDeny;
  return !settings.dynamic.routes.empty();
}

std::vector<NeededClaim> find_needed_claims(const RouteTable& table, const AdminRules& admin) {
  std::set<std::string> names;
  for (const Route& route : table.routes()) {
    if (!route.rules) continue;
    for (std::string& name : route.rules->claim_names()) names.insert(std::move(name));
  }
  for (const Rules* rules : {&admin.admin, &admin.observe, &admin.usage}) {
    for (std::string& name : rules->claim_names()) names.insert(std::move(name));
  }
  std::vector<NeededClaim> claims;
  claims.reserve(names.size());
  for (const std::string& name : names) claims.push_back({name, base::ClaimPath::from_text(name)});
  return claims;
}

Ruling authorize_deployment(const Deployment* deployment, const Caller* caller) {
  if (caller == nullptr) return {Reason::kNoToken, {}, {}};
  if (deployment == nullptr) return {Reason::kUnknownResource, {}, {}};
  const bool is_allowed = !deployment->roles || deployment->roles->has_one_of(caller->roles);
  return {is_allowed ? Reason::kOk : Reason::kNoRole, deployment->name, {}};
}

// An API key does not age, so it never is as fresh as a route may want it.
bool is_too_old(const Route& route, const Caller& caller) {
  return route.max_token_age && (!caller.token_age || *caller.token_age >= *route.max_token_age);
}

bool fits(const Route& route, const Caller& caller) {
  if (route.providers &&
      std::find(route.providers->begin(), route.providers->end(), caller.provider) == route.providers->end())
    return false;
  if (route.roles && !route.roles->has_one_of(caller.roles)) return false;
  return !route.rules || route.rules->grant(caller);
}

Reason authorize_route(const RouteTable::Found& found, std::string_view path, const Caller* caller) {
  const Route& route = *found.route;
  const bool can_be_judged = !found.needs_host && (route.keeps_encoded_slashes || !has_encoded_slash(path));
  if (can_be_judged && route.is_anonymous) return Reason::kOk;
  if (caller == nullptr) return Reason::kNoToken;
  if (!can_be_judged) return Reason::kBadRequest;
  if (!fits(route, *caller)) return Reason::kNoRole;
  return is_too_old(route, *caller) ? Reason::kTooOld : Reason::kOk;
}

bool names_parameters(const Route& route) {
  return std::ranges::any_of(route.paths, [](const std::string& path) { return path.find(';') != std::string::npos; });
}

}  // namespace

Authorizer::Authorizer(const settings::Settings& settings)
    : deployments_(settings.dynamic, settings.verify.resource_rules),
      routes_(settings.dynamic.routes),
      api_keys_(settings.dynamic.keys),
      admin_rules_{Rules(settings.admin_rules), Rules(settings.observe_rules), Rules(settings.usage_rules)},
      needed_claims_(find_needed_claims(routes_, admin_rules_)),
      is_default_deny_(is_default_deny(settings)) {}

Ruling Authorizer::authorize(const Wish& wish, const Caller* caller) const {
  const Ruling ruling = judge(wish, caller);
  if (wish.trace != nullptr) tell_ruling(*wish.trace, ruling);
  return ruling;
}

Ruling Authorizer::judge(const Wish& wish, const Caller* caller) const {
  if (!wish.resource.empty()) {
    const Deployment* const deployment = deployments_.find(wish.resource);
    if (wish.trace != nullptr) tell_named_deployment(*wish.trace, wish.resource, deployment, caller);
    return authorize_deployment(deployment, caller);
  }
  if (wish.path.empty() && wish.trace != nullptr) tell_bare_question(*wish.trace);
  if (wish.path.empty()) return {caller != nullptr ? Reason::kOk : Reason::kNoToken, {}, {}};
  if (depends_on_parameters(wish)) {
    if (wish.trace != nullptr) tell_parameters(*wish.trace, wish.path, caller);
    return {caller != nullptr ? Reason::kBadRequest : Reason::kNoToken, {}, {}};
  }
  if (const auto named = deployments_.find_by_path(wish.path)) {
    if (wish.trace != nullptr) tell_deployment_of_path(*wish.trace, wish.path, *named, caller);
    const bool can_be_judged = caller == nullptr || !named->has_foreign_slash;
    return can_be_judged ? authorize_deployment(named->deployment, caller) : Ruling{Reason::kBadRequest, {}, {}};
  }
  const RouteTable::Found found = routes_.find({wish.method, wish.path, wish.host});
  if (wish.trace != nullptr) tell_route(*wish.trace, {wish, routes_, found, deployments_.looks_at_paths()}, caller);
  if (found.route == nullptr) return authorize_default(wish.path, caller);
  return {authorize_route(found, wish.path, caller), {}, found.route->name};
}

// Some backends drop the parameters of a segment. Where another rule decides then, and the one that does now says
// nothing about parameters, there is no path to judge by.
bool Authorizer::depends_on_parameters(const Wish& wish) const {
  if (wish.path.find(';') == std::string_view::npos) return false;
  std::string storage;
  const std::string_view bare = without_parameters(wish.path, storage);
  const auto named = deployments_.find_by_path(wish.path);
  const auto bare_named = deployments_.find_by_path(bare);
  if (named || bare_named) return !named || !bare_named || named->deployment != bare_named->deployment;
  const Route* const route = routes_.find({wish.method, wish.path, wish.host}).route;
  if (route != nullptr && names_parameters(*route)) return false;
  return route != routes_.find({wish.method, bare, wish.host}).route;
}

Ruling Authorizer::authorize_default(std::string_view path, const Caller* caller) const noexcept {
  if (caller == nullptr) return {Reason::kNoToken, {}, {}};
  if (is_default_deny_) return {Reason::kNoRoute, {}, {}};
  // A backend that decodes it sees a path that some rule may be about; where there are rules, that is no default.
  const bool has_rules = !routes_.is_empty() || deployments_.looks_at_paths();
  return {has_rules && has_encoded_slash(path) ? Reason::kBadRequest : Reason::kOk, {}, {}};
}

}  // namespace bearerd::access
