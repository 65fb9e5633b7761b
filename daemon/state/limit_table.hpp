// The limits of all roles, by deployment: what a caller with these roles may use. DIAL Core's rule: over the caller's
// roles (those that the deployment's `userRoles` name, when it has any) that define limits for the deployment, the
// greatest of each; when none does, those of the role `default`; when that has none, unlimited. Cost limits are the
// caller's own and look at all roles.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "settings/settings.hpp"
#include "state/window.hpp"

namespace bearerd::state {

// Immutable; any thread.
class LimitTable {
 public:
  explicit LimitTable(const settings::Dynamic& dynamic);

  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  template <class T>
  using ByName = std::unordered_map<std::string, T, Hash, std::equal_to<>>;
  // Windows that a role does not limit are unlimited there.
  struct OfRoles {
    ByName<Limits> by_role;
    std::optional<Limits> of_default;
  };
  struct Deployment {
    std::uint64_t id = 0;
    OfRoles limits;
  };

  // Null: not configured.
  [[nodiscard]] const Deployment* find(std::string_view deployment) const;
  // Empty: not configured (any more).
  [[nodiscard]] std::string_view name_of(std::uint64_t deployment_id) const;
  // Allocates nothing.
  [[nodiscard]] Limits effective(const Deployment& deployment, std::span<const std::string> roles) const;

  // Whose limits those are, for explanations: of `roles` those that define any, else "default"; empty: nobody's.
  struct Owners {
    std::vector<std::string> of_deployment, of_cost;
  };
  [[nodiscard]] Owners owners(const Deployment& deployment, std::span<const std::string> roles) const;

 private:
  ByName<Deployment> deployments_;
  std::unordered_map<std::uint64_t, std::string_view> names_;  // views into the keys of deployments_
  OfRoles cost_;
};

}  // namespace bearerd::state
