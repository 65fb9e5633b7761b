// What the authorizer tells a trace, in words. Decides nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "access/authorizer.hpp"
#include "access/caller.hpp"
#include "access/deployments.hpp"
#include "access/route_table.hpp"
#include "base/trace.hpp"

namespace bearerd::access {

// The first dozen, and how many more there are.
[[nodiscard]] std::string joined(const std::vector<std::string>& texts);

// `deployment` null: there is none of this name. `caller` null: there was no credential.
void tell_named_deployment(base::Trace& trace, std::string_view name, const Deployment* deployment,
                           const Caller* caller);
void tell_deployment_of_path(base::Trace& trace, std::string_view path, const Deployments::Named& named,
                             const Caller* caller);
// No resource and no path: only the credential is asked about.
void tell_bare_question(base::Trace& trace);

// Another rule would decide about the path without the parameters of its segments.
void tell_parameters(base::Trace& trace, std::string_view path, const Caller* caller);

struct RouteQuestion {
  const Wish& wish;
  const RouteTable& routes;
  RouteTable::Found found;
  bool has_resource_rules = false;
};
void tell_route(base::Trace& trace, const RouteQuestion& question, const Caller* caller);

void tell_ruling(base::Trace& trace, const Ruling& ruling);

}  // namespace bearerd::access
