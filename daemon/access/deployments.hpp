// The deployments of the dynamic settings, and which of them a path names.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/role_set.hpp"
#include "settings/regex.hpp"
#include "settings/settings.hpp"

namespace bearerd::access {

struct Deployment {
  std::string_view name;         // lives as long as the table
  std::optional<RoleSet> roles;  // absent: everyone
};

// Patterns of whole paths; their one group holds a deployment's name. Immutable; any thread.
class ResourceRules {
 public:
  // Patterns that can't be taken were refused with the settings.
  explicit ResourceRules(const std::vector<std::string>& patterns);
  // What the group of the first pattern that matches took: a view into `path`.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view path) const noexcept;

 private:
  struct Rule {
    std::string prefix;  // of every path that matches
    std::shared_ptr<const settings::Regex> pattern;
  };
  std::vector<Rule> rules_;
};

// Where DIAL Core has deployments in its URLs.
[[nodiscard]] const std::vector<std::string>& default_resource_rules();

// Immutable; any thread.
class Deployments {
 public:
  // `rules` absent: the default ones.
  Deployments(const settings::Dynamic& settings, const std::optional<std::vector<std::string>>& rules);
  Deployments(const Deployments&) = delete;
  Deployments& operator=(const Deployments&) = delete;

  // Null: there is none of this name.
  [[nodiscard]] const Deployment* find(std::string_view name) const;

  struct Named {
    const Deployment* deployment = nullptr;  // null: unknown
    bool has_foreign_slash = false;          // the path holds an encoded slash outside of the name
  };
  // Absent: the path names no deployment. `path` is normalised.
  [[nodiscard]] std::optional<Named> find_by_path(std::string_view path) const;
  // Without rules no path is looked at.
  [[nodiscard]] bool looks_at_paths() const noexcept { return rules_.has_value(); }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  struct Match {
    std::size_t end = 0;  // of the name in the path
    const Deployment* deployment = nullptr;
  };
  [[nodiscard]] Match longest_name(std::string_view path, std::size_t begin, std::size_t end) const;

  std::unordered_map<std::string, Deployment, Hash, std::equal_to<>> table_;
  std::optional<ResourceRules> rules_;
  // Of all names, so that a path of nothing but slashes is not looked up at each of them.
  std::size_t longest_name_ = 0, most_slashes_ = 0;
};

}  // namespace bearerd::access
