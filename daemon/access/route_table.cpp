#include "access/route_table.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/fnv.hpp"
#include "base/text.hpp"

namespace bearerd::access {
namespace {

Route compile(const settings::Route& route) {
  Route compiled;
  compiled.name = route.name;
  compiled.paths = route.paths;
  compiled.methods = route.methods;
  compiled.hosts = route.hosts;
  compiled.providers = route.providers;
  if (route.user_roles) compiled.roles.emplace(*route.user_roles);
  if (route.rules) compiled.rules.emplace(*route.rules);
  compiled.max_token_age = route.max_token_age;
  compiled.is_anonymous = route.is_anonymous;
  compiled.keeps_encoded_slashes = route.keeps_encoded_slashes;
  return compiled;
}

// "Example.COM.:8443" is example.com, "[::1]:80" is [::1].
std::string_view without_port(std::string_view host) noexcept {
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  host = host.substr(0, colon);
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

bool is_among(const std::vector<std::string>& list, std::string_view value) noexcept {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool takes_method(const Route& route, std::string_view method) noexcept {
  return route.methods.empty() || is_among(route.methods, method);
}

std::string_view below_of(std::string_view pattern) noexcept {
  return pattern.starts_with("*.") ? pattern.substr(1) : std::string_view();
}

}  // namespace

std::size_t RouteTable::HostHash::operator()(std::string_view host) const noexcept {
  std::uint64_t hash = base::kFnvStart;
  for (const char c : host) hash = base::fnv_on(hash, base::to_lower(c));
  return hash;
}

bool RouteTable::HostEqual::operator()(std::string_view a, std::string_view b) const noexcept {
  return base::equals_ignoring_case(a, b);
}

RouteTable::RouteTable(const std::vector<settings::Route>& routes) {
  std::vector<RoutePattern> all, any_host;
  ByHost<std::vector<RoutePattern>> exact, below;
  routes_.reserve(routes.size());
  for (std::uint32_t i = 0; i < routes.size(); ++i) {
    routes_.push_back(compile(routes[i]));
    for (const std::string& path : routes[i].paths) {
      all.push_back({i, path});
      if (routes[i].hosts.empty()) any_host.push_back({i, path});
      for (const std::string& host : routes[i].hosts) {
        const std::string_view domain = below_of(host);
        (domain.empty() ? exact[host] : below[std::string(domain)]).push_back({i, path});
      }
    }
  }
  RegexPool pool;
  all_ = PathIndex(all, pool);
  if (exact.empty() && below.empty()) return;
  any_host_ = PathIndex(any_host, pool);
  for (const auto& [host, patterns] : exact) exact_.emplace(host, PathIndex(patterns, pool));
  for (const auto& [domain, patterns] : below) {
    below_.emplace(domain, PathIndex(patterns, pool));
    longest_below_ = std::max(longest_below_, domain.size());
  }
}

template <typename Accepts>
std::uint32_t RouteTable::first_route(const Target& target, std::uint32_t end, const Accepts& accepts) const noexcept {
  const bool names_hosts = !exact_.empty() || !below_.empty();
  // Without a host nobody can tell, and find() says so.
  if (!names_hosts || target.host.empty()) return all_.find(target.path, end, accepts);
  std::uint32_t first = any_host_.find(target.path, end, accepts);
  const std::string_view host = without_port(target.host);
  if (host.empty()) return first;
  if (const auto found = exact_.find(host); found != exact_.end())
    first = found->second.find(target.path, first, accepts);
  // A host may have dots by the thousand, and only the last of them begin a name that is as short as ours.
  const std::size_t begin = std::max<std::size_t>(1, host.size() - std::min(host.size(), longest_below_));
  for (std::size_t dot = host.find('.', begin); dot != std::string_view::npos; dot = host.find('.', dot + 1)) {
    if (const auto found = below_.find(host.substr(dot)); found != below_.end())
      first = found->second.find(target.path, first, accepts);
  }
  return first;
}

RouteTable::Mismatch RouteTable::mismatch(std::uint32_t route, const Target& target) const noexcept {
  const auto is_it = [&](std::uint32_t each) { return each == route; };
  if (all_.find(target.path, route + 1, is_it) != route) return Mismatch::kPath;
  if (!takes_method(routes_[route], target.method)) return Mismatch::kMethod;
  return first_route(target, route + 1, is_it) == route ? Mismatch::kNone : Mismatch::kHost;
}

RouteTable::Found RouteTable::find(const Target& target) const noexcept {
  const auto accepts = [&](std::uint32_t route) { return takes_method(routes_[route], target.method); };
  const std::uint32_t first = first_route(target, PathIndex::kNone, accepts);
  if (first == PathIndex::kNone) return {};
  return {&routes_[first], !routes_[first].hosts.empty() && target.host.empty()};
}

}  // namespace bearerd::access
