// The routes of the dynamic settings, and which of them a request takes: the first in their order.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/path_index.hpp"
#include "access/role_set.hpp"
#include "access/rules.hpp"
#include "settings/settings.hpp"

namespace bearerd::access {

struct Route {
  std::string name;
  std::vector<std::string> paths;                     // as the settings have them, for explanations
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
  // Why a route does not match; for explanations.
  enum class Mismatch : std::uint8_t { kNone = 1, kPath, kMethod, kHost };
  [[nodiscard]] Mismatch mismatch(std::uint32_t route, const Target& target) const noexcept;
  [[nodiscard]] bool is_empty() const noexcept { return routes_.empty(); }
  [[nodiscard]] const std::vector<Route>& routes() const noexcept { return routes_; }

 private:
  struct HostHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view host) const noexcept;
  };
  struct HostEqual {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const noexcept;
  };
  template <class T>
  using ByHost = std::unordered_map<std::string, T, HostHash, HostEqual>;

  // Before `end`, of those that `accepts`, by path and host; else `end`.
  template <typename Accepts>
  [[nodiscard]] std::uint32_t first_route(const Target& target, std::uint32_t end,
                                          const Accepts& accepts) const noexcept;

  std::vector<Route> routes_;
  PathIndex all_;                    // whatever hosts they name
  PathIndex any_host_;               // those that name none; empty when none names one
  std::size_t longest_below_ = 0;    // of the names in below_
  ByHost<PathIndex> exact_, below_;  // by "app.example.com"; by ".example.com" of "*.example.com"
};

}  // namespace bearerd::access
