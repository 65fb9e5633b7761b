// The routes of the dynamic settings, and which of them a request takes: the first in their order.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/role_set.hpp"
#include "access/rules.hpp"
#include "settings/regex.hpp"
#include "settings/settings.hpp"

namespace bearerd::access {

struct Route {
  std::string name;
  std::vector<std::string> methods, hosts;            // empty: all
  std::optional<std::vector<std::string>> providers;  // absent: all
  std::optional<RoleSet> roles;                       // absent: everyone
  std::optional<Rules> rules;                         // absent: no claims are needed
  std::optional<std::chrono::seconds> max_token_age;
  bool is_anonymous = false, keeps_encoded_slashes = false;
};

// Immutable; any thread; allocates nothing when asked.
class RouteTable {
 public:
  explicit RouteTable(const std::vector<settings::Route>& routes);

  struct Target {
    std::string_view method, path, host;  // the path is normalised, the host as it came
  };
  struct Found {
    const Route* route = nullptr;  // null: none matches
    bool needs_host = false;       // the route names hosts, and no host was said
  };
  [[nodiscard]] Found find(const Target& target) const noexcept;
  // Why a route does not match; for explanations: looks at every pattern.
  enum class Mismatch : std::uint8_t { kNone = 1, kPath, kMethod, kHost };
  [[nodiscard]] Mismatch mismatch(std::uint32_t route, const Target& target) const noexcept;
  [[nodiscard]] bool is_empty() const noexcept { return routes_.empty(); }
  [[nodiscard]] const std::vector<Route>& routes() const noexcept { return routes_; }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  struct Pattern {
    std::uint32_t route = 0;                         // index: lower goes before higher
    bool is_whole = false;                           // nothing may follow the prefix
    std::shared_ptr<const settings::Regex> pattern;  // null: the prefix says it all
  };
  // All patterns with one literal beginning, in the order of their routes.
  struct Branch {
    std::string prefix;
    std::uint32_t parent = kNone;  // the branch with the longest shorter prefix of this one
    std::vector<Pattern> patterns;
  };

  void add_patterns(const std::vector<settings::Route>& routes);
  void link_branches();
  // The branch with the longest prefix of `path`.
  [[nodiscard]] std::uint32_t last_branch(std::string_view path) const noexcept;
  [[nodiscard]] bool matches(const Branch& branch, const Pattern& pattern, const Target& target) const noexcept;
  [[nodiscard]] static bool matches_path(const Branch& branch, const Pattern& pattern, std::string_view path) noexcept;

  std::vector<Route> routes_;
  std::vector<Branch> branches_;  // sorted by prefix
};

}  // namespace bearerd::access
