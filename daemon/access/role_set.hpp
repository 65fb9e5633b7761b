// Roles of which one is enough.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace bearerd::access {

// Immutable; any thread. An empty set is nobody's.
class RoleSet {
 public:
  explicit RoleSet(std::vector<std::string> roles) : roles_(std::move(roles)) {
    std::sort(roles_.begin(), roles_.end());
  }
  [[nodiscard]] bool has_one_of(const std::vector<std::string>& roles) const {
    return std::any_of(roles.begin(), roles.end(),
                       [&](const std::string& role) { return std::binary_search(roles_.begin(), roles_.end(), role); });
  }
  // Sorted.
  [[nodiscard]] const std::vector<std::string>& roles() const noexcept { return roles_; }

 private:
  std::vector<std::string> roles_;
};

}  // namespace bearerd::access
