#include "access/narration.hpp"

#include <algorithm>

#include "access/protected_path.hpp"
#include "base/text.hpp"

namespace bearerd::access {
namespace {

using base::Check;
using base::excerpt;
using base::Reason;
using base::Trace;

std::string near_miss(const RoleSet& roles, const Caller& caller) {
  for (const std::string& role : roles.roles()) {
    const auto is_like = [&](std::string_view theirs) { return base::equals_ignoring_case(theirs, role); };
    if (std::ranges::any_of(caller.roles, is_like)) return ", but " + role + " in other letters (case counts)";
  }
  return {};
}

// Which of the roles that are asked for the caller has. Only configured names: the caller's other roles are claims.
void tell_roles(Trace& trace, const std::optional<RoleSet>& roles, const Caller& caller) {
  if (!roles) return trace.detail(Check::kPermission, "no role is needed");
  std::vector<std::string> shared;
  for (const std::string& role : roles->roles()) {
    if (std::find(caller.roles.begin(), caller.roles.end(), role) != caller.roles.end()) shared.push_back(role);
  }
  trace.detail(Check::kPermission, "one of these roles is needed: " + joined(roles->roles()) +
                                       (shared.empty() ? "; the caller has none of them" + near_miss(*roles, caller)
                                                       : "; the caller has " + joined(shared)));
}

void tell_deployment(Trace& trace, const Deployment* deployment, const Caller* caller) {
  trace.skip(Check::kRoute, "the request names a deployment, and that decides");
  if (deployment == nullptr) return;
  trace.deployment = deployment->name;
  if (caller != nullptr) tell_roles(trace, deployment->roles, *caller);
}

std::string mismatch_text(RouteTable::Mismatch mismatch, const Route& route) {
  switch (mismatch) {
    case RouteTable::Mismatch::kPath:
      return "no pattern of its matches the whole path: " + joined(route.paths);
    case RouteTable::Mismatch::kMethod:
      return "takes the methods " + joined(route.methods);
    case RouteTable::Mismatch::kHost:
      return "takes the hosts " + joined(route.hosts);
    case RouteTable::Mismatch::kNone:
      break;
  }
  return "matches, and an earlier one decides";
}

void tell_other_routes(Trace& trace, const RouteQuestion& question) {
  const RouteTable::Target target{question.wish.method, question.wish.path, question.wish.host};
  const std::vector<Route>& routes = question.routes.routes();
  for (std::uint32_t i = 0; i < routes.size() && &routes[i] != question.found.route; ++i) {
    trace.detail(Check::kRoute,
                 "route " + routes[i].name + ": " + mismatch_text(question.routes.mismatch(i, target), routes[i]));
  }
}

void tell_demands(Trace& trace, const Route& route, const Caller& caller) {
  if (route.is_anonymous) trace.detail(Check::kPermission, "the route is anonymous: no credential is needed");
  if (route.providers) {
    trace.detail(Check::kPermission, "the route is for callers of " + joined(*route.providers) + "; this one is of " +
                                         std::string(caller.provider));
  }
  tell_roles(trace, route.roles, caller);
  if (route.rules) {
    trace.detail(Check::kPermission, route.rules->grant(caller) ? "one of the rules about claims grants it"
                                                                : "none of the rules about claims grants it");
  }
  if (!route.max_token_age) return;
  const std::string age =
      caller.token_age ? std::to_string(caller.token_age->count()) + " s old (what clocks may differ is taken off)"
                       : std::string("of unknown age, as nothing says when it was issued");
  trace.detail(Check::kPermission, "the credential has to be younger than " +
                                       std::to_string(route.max_token_age->count()) + " s; it is " + age);
}

std::string ruling_text(Reason reason) {
  switch (reason) {
    case Reason::kOk:
      return "the caller may do this";
    case Reason::kNoToken:
      return "a credential is needed, and none came";
    case Reason::kUnknownResource:
      return "there is no such deployment";
    case Reason::kNoRole:
      return "the caller lacks what is needed";
    case Reason::kNoRoute:
      return "no rule is about this path, and the default is deny";
    case Reason::kTooOld:
      return "the credential is older than the route takes";
    case Reason::kBadRequest:
      return "the request can't be judged as it is";
    default:
      return "internal fault";
  }
}

}  // namespace

std::string joined(const std::vector<std::string>& texts) {
  constexpr std::size_t kMost = 12;
  std::string text;
  for (std::size_t i = 0; i < texts.size() && i < kMost; ++i) text += (i == 0 ? "" : ", ") + texts[i];
  if (texts.size() > kMost) text += " and " + std::to_string(texts.size() - kMost) + " more";
  return text.empty() ? "none" : text;
}

void tell_named_deployment(Trace& trace, std::string_view name, const Deployment* deployment, const Caller* caller) {
  if (deployment != nullptr) {
    trace.pass(Check::kResource, "the request names the deployment " + std::string(deployment->name));
  } else {
    trace.judge(Check::kResource, caller == nullptr, "the settings have no deployment " + excerpt(name));
  }
  tell_deployment(trace, deployment, caller);
}

void tell_deployment_of_path(Trace& trace, std::string_view path, const Deployments::Named& named,
                             const Caller* caller) {
  const bool can_be_judged = caller == nullptr || !named.has_foreign_slash;
  if (!can_be_judged) {
    trace.fail(Check::kResource,
               "the path " + excerpt(path) + " holds an encoded slash outside of a deployment's name");
  } else if (named.deployment != nullptr) {
    trace.pass(Check::kResource,
               "the path " + excerpt(path) + " names the deployment " + std::string(named.deployment->name));
  } else {
    trace.judge(Check::kResource, caller == nullptr,
                "the path " + excerpt(path) + " names a deployment that the settings do not have");
  }
  tell_deployment(trace, named.deployment, caller);
}

void tell_bare_question(Trace& trace) {
  trace.skip(Check::kResource, "the request names none: only the credential is asked about");
  trace.skip(Check::kRoute, "there is no path");
}

void tell_parameters(Trace& trace, std::string_view path, const Caller* caller) {
  trace.judge(
      Check::kRoute, caller == nullptr,
      "another rule is about the path " + excerpt(path) + " without what follows each \";\", as some backends read it");
}

void tell_route(Trace& trace, const RouteQuestion& question, const Caller* caller) {
  const Route* const route = question.found.route;
  const std::string path = excerpt(question.wish.path);
  trace.skip(Check::kResource, question.has_resource_rules ? "the path " + path + " names no deployment"
                                                           : "there are no rules by which a path names a deployment");
  tell_other_routes(trace, question);
  if (route == nullptr) {
    const std::string why = question.routes.is_empty() ? "there are no routes" : "no route matches " + path;
    return trace.skip(Check::kRoute, why + "; verify.defaultRoute decides");
  }
  trace.route = route->name;
  const bool holds_slash = !route->keeps_encoded_slashes && has_encoded_slash(question.wish.path);
  const bool can_be_judged = !question.found.needs_host && !holds_slash;
  std::string why = "the first that matches " + path + " is route " + route->name;
  if (question.found.needs_host) why += ", which is about hosts, and the request names none";
  if (holds_slash) why += ", which does not keep encoded slashes";
  trace.judge(Check::kRoute, can_be_judged || caller == nullptr, std::move(why));
  if (caller != nullptr) tell_demands(trace, *route, *caller);
}

void tell_ruling(Trace& trace, const Ruling& ruling) {
  // One failed check is enough: that of the resource or the route says more.
  if (trace.has_failed()) return;
  trace.judge(Check::kPermission, ruling.reason == Reason::kOk, ruling_text(ruling.reason));
}

}  // namespace bearerd::access
