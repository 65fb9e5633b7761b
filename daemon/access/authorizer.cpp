#include "access/authorizer.hpp"

#include <algorithm>

namespace bearerd::access {

base::Reason authorize(const settings::Settings& settings, const Wish& wish) {
  if (wish.resource.empty()) return base::Reason::kOk;
  const auto found = settings.dynamic.deployments.find(wish.resource);
  if (found == settings.dynamic.deployments.end()) return base::Reason::kUnknownResource;
  const auto& allowed = found->second.user_roles;
  if (!allowed) return base::Reason::kOk;
  const bool has_role = std::any_of(wish.roles.begin(), wish.roles.end(), [&](const std::string& role) {
    return std::find(allowed->begin(), allowed->end(), role) != allowed->end();
  });
  return has_role ? base::Reason::kOk : base::Reason::kNoRole;
}

}  // namespace bearerd::access
