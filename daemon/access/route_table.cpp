#include "access/route_table.hpp"

#include <algorithm>
#include <map>

#include "access/literal_prefix.hpp"
#include "base/text.hpp"

namespace bearerd::access {
namespace {

Route compile(const settings::Route& route) {
  Route compiled;
  compiled.name = route.name;
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

bool matches_host(std::string_view pattern, std::string_view host) noexcept {
  if (!pattern.starts_with("*.")) return base::equals_ignoring_case(pattern, host);
  const std::string_view suffix = pattern.substr(1);
  return host.size() > suffix.size() && base::equals_ignoring_case(host.substr(host.size() - suffix.size()), suffix);
}

bool is_among(const std::vector<std::string>& list, std::string_view value) noexcept {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool takes_method(const Route& route, std::string_view method) noexcept {
  return route.methods.empty() || is_among(route.methods, method);
}

bool takes_host(const Route& route, std::string_view host) noexcept {
  // Without a host nobody can tell, and find() says so.
  if (route.hosts.empty() || host.empty()) return true;
  const std::string_view bare = without_port(host);
  return std::any_of(route.hosts.begin(), route.hosts.end(),
                     [&](const std::string& each) { return matches_host(each, bare); });
}

}  // namespace

RouteTable::RouteTable(const std::vector<settings::Route>& routes) {
  routes_.reserve(routes.size());
  for (const settings::Route& route : routes) routes_.push_back(compile(route));
  add_patterns(routes);
  link_branches();
}

void RouteTable::add_patterns(const std::vector<settings::Route>& routes) {
  std::map<std::string, std::vector<Pattern>> by_prefix;
  // Many routes differ in their beginning alone; what follows is compiled once, and stays in the processor's cache.
  std::map<std::string, std::shared_ptr<const settings::Regex>> compiled;
  for (std::uint32_t i = 0; i < routes.size(); ++i) {
    for (const std::string& text : routes[i].paths) {
      LiteralPrefix prefix = literal_prefix(text);
      Pattern pattern{i, prefix.rest == LiteralPrefix::Rest::kNothing, nullptr};
      if (prefix.rest == LiteralPrefix::Rest::kPattern) {
        std::shared_ptr<const settings::Regex>& rest = compiled[prefix.rest_pattern];
        // Patterns that can't be taken were refused with the settings.
        if (rest == nullptr) rest = settings::Regex::compile(prefix.rest_pattern).value();
        pattern.pattern = rest;
      }
      by_prefix[std::move(prefix.text)].push_back(std::move(pattern));
    }
  }
  branches_.reserve(by_prefix.size());
  for (auto& [prefix, patterns] : by_prefix) branches_.push_back({prefix, kNone, std::move(patterns)});
}

// In sorted order, what a prefix begins with stands before it, and only what begins with the same stands in between.
void RouteTable::link_branches() {
  std::vector<std::uint32_t> open;  // each a prefix of the next
  for (std::uint32_t i = 0; i < branches_.size(); ++i) {
    while (!open.empty() && !branches_[i].prefix.starts_with(branches_[open.back()].prefix)) open.pop_back();
    if (!open.empty()) branches_[i].parent = open.back();
    open.push_back(i);
  }
}

std::uint32_t RouteTable::last_branch(std::string_view path) const noexcept {
  const auto after = std::upper_bound(branches_.begin(), branches_.end(), path,
                                      [](std::string_view text, const Branch& branch) { return text < branch.prefix; });
  if (after == branches_.begin()) return kNone;
  // Every prefix of `path` among the branches is the one before `after`, or a prefix of that.
  auto place = static_cast<std::uint32_t>(after - branches_.begin() - 1);
  while (place != kNone && !path.starts_with(branches_[place].prefix)) place = branches_[place].parent;
  return place;
}

bool RouteTable::matches_path(const Branch& branch, const Pattern& pattern, std::string_view path) noexcept {
  if (pattern.is_whole && path.size() != branch.prefix.size()) return false;
  return pattern.pattern == nullptr || pattern.pattern->matches_whole(path.substr(branch.prefix.size()));
}

bool RouteTable::matches(const Branch& branch, const Pattern& pattern, const Target& target) const noexcept {
  const Route& route = routes_[pattern.route];
  return takes_method(route, target.method) && matches_path(branch, pattern, target.path) &&
         takes_host(route, target.host);
}

RouteTable::Mismatch RouteTable::mismatch(std::uint32_t route, const Target& target) const noexcept {
  const auto matches_one_of = [&](const Branch& branch) {
    return target.path.starts_with(branch.prefix) &&
           std::any_of(branch.patterns.begin(), branch.patterns.end(), [&](const Pattern& pattern) {
             return pattern.route == route && matches_path(branch, pattern, target.path);
           });
  };
  if (std::none_of(branches_.begin(), branches_.end(), matches_one_of)) return Mismatch::kPath;
  if (!takes_method(routes_[route], target.method)) return Mismatch::kMethod;
  return takes_host(routes_[route], target.host) ? Mismatch::kNone : Mismatch::kHost;
}

RouteTable::Found RouteTable::find(const Target& target) const noexcept {
  std::uint32_t best = kNone;
  for (std::uint32_t place = last_branch(target.path); place != kNone; place = branches_[place].parent) {
    const Branch& branch = branches_[place];
    for (const Pattern& pattern : branch.patterns) {
      if (pattern.route >= best) break;
      if (!matches(branch, pattern, target)) continue;
      best = pattern.route;
      break;
    }
  }
  if (best == kNone) return {};
  return {&routes_[best], !routes_[best].hosts.empty() && target.host.empty()};
}

}  // namespace bearerd::access
