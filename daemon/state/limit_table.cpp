#include "state/limit_table.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "state/caller_id.hpp"

namespace bearerd::state {
namespace {

constexpr std::string_view kDefaultRole = "default";

Limits limits_of(const settings::Limit& limit) {
  Limits limits;
  const auto set = [&limits](Window window, const std::optional<std::int64_t>& value) {
    if (value) limits.of(window) = *value;
  };
  set(Window::kTokensMinute, limit.minute);
  set(Window::kTokensDay, limit.day);
  set(Window::kTokensWeek, limit.week);
  set(Window::kTokensMonth, limit.month);
  set(Window::kRequestsHour, limit.request_hour);
  set(Window::kRequestsDay, limit.request_day);
  return limits;
}

// Upwards, so that a limit above 0 never becomes one of 0, which forbids.
std::int64_t nanodollars(double dollars) {
  const double value = std::ceil(dollars * kNanodollars);
  return value >= 9e18 ? Limits::kUnlimited - 1 : static_cast<std::int64_t>(std::max(value, -1.0));
}

Limits limits_of(const settings::CostLimit& limit) {
  Limits limits;
  const auto set = [&limits](Window window, const std::optional<double>& value) {
    if (value) limits.of(window) = nanodollars(*value);
  };
  set(Window::kCostMinute, limit.minute);
  set(Window::kCostDay, limit.day);
  set(Window::kCostWeek, limit.week);
  set(Window::kCostMonth, limit.month);
  return limits;
}

bool may_use(const settings::Deployment& deployment, const std::string& role) {
  const auto& roles = deployment.user_roles;
  return !roles || std::find(roles->begin(), roles->end(), role) != roles->end();
}

// The greatest of each window over the roles that define any; nothing when none does.
std::optional<Limits> greatest(const LimitTable::ByName<Limits>& by_role, std::span<const std::string> roles) {
  std::optional<Limits> found;
  if (by_role.empty()) return found;
  for (const std::string& role : roles) {
    const auto entry = by_role.find(role);
    if (entry == by_role.end()) continue;
    if (!found) {
      found = entry->second;
      continue;
    }
    for (std::size_t i = 0; i < kWindowCount; ++i) found->most[i] = std::max(found->most[i], entry->second.most[i]);
  }
  return found;
}

Limits choose(const LimitTable::OfRoles& of_roles, std::span<const std::string> roles) {
  if (const auto found = greatest(of_roles.by_role, roles)) return *found;
  return of_roles.of_default.value_or(Limits());
}

std::vector<std::string> owners_in(const LimitTable::OfRoles& of_roles, std::span<const std::string> roles) {
  std::vector<std::string> owners;
  std::ranges::copy_if(roles, std::back_inserter(owners),
                       [&](const std::string& role) { return of_roles.by_role.contains(role); });
  if (owners.empty() && of_roles.of_default) owners.emplace_back(kDefaultRole);
  return owners;
}

}  // namespace

LimitTable::LimitTable(const settings::Dynamic& dynamic) {
  for (const auto& [name, deployment] : dynamic.deployments) {
    const auto place = deployments_.emplace(name, Deployment{deployment_id(name), {}}).first;
    names_.emplace(place->second.id, place->first);
  }
  for (const auto& [name, role] : dynamic.roles) {
    for (const auto& [deployment_name, limit] : role.limits) {
      const auto deployment = deployments_.find(deployment_name);
      if (deployment == deployments_.end()) continue;
      OfRoles& of_roles = deployment->second.limits;
      if (name == kDefaultRole) of_roles.of_default = limits_of(limit);
      if (may_use(dynamic.deployments.find(deployment_name)->second, name))
        of_roles.by_role.emplace(name, limits_of(limit));
    }
    if (!role.cost) continue;
    if (name == kDefaultRole) cost_.of_default = limits_of(*role.cost);
    cost_.by_role.emplace(name, limits_of(*role.cost));
  }
}

const LimitTable::Deployment* LimitTable::find(std::string_view deployment) const {
  const auto found = deployments_.find(deployment);
  return found == deployments_.end() ? nullptr : &found->second;
}

std::string_view LimitTable::name_of(std::uint64_t deployment_id) const {
  const auto found = names_.find(deployment_id);
  return found == names_.end() ? std::string_view{} : found->second;
}

Limits LimitTable::effective(const Deployment& deployment, std::span<const std::string> roles) const {
  Limits limits = choose(deployment.limits, roles);
  const Limits cost = choose(cost_, roles);
  for (const WindowShape& shape : kWindows) {
    if (shape.quantity == Quantity::kCost) limits.of(shape.window) = cost.of(shape.window);
  }
  return limits;
}

LimitTable::Owners LimitTable::owners(const Deployment& deployment, std::span<const std::string> roles) const {
  return {owners_in(deployment.limits, roles), owners_in(cost_, roles)};
}

}  // namespace bearerd::state
