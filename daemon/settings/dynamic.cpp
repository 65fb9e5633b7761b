#include "settings/dynamic.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include "base/secret.hpp"
#include "base/text.hpp"
#include "settings/dynamic_table.hpp"
#include "settings/route_pattern.hpp"
#include "settings/slip.hpp"
#include "settings/sorting.hpp"
#include "settings/unenforced.hpp"

namespace bearerd::settings {
namespace {

constexpr std::array<std::string_view, 4> kDeploymentKinds{"models", "applications", "addons", "toolsets"};

constexpr std::array<std::string_view, 2> kRoleGuards{"userRoles", "user_roles"};
constexpr std::array<std::string_view, 7> kRouteGuards{"userRoles", "user_roles",         "hosts",  "providers",
                                                       "rules",     "maxTokenAgeSeconds", "methods"};
constexpr std::array<std::string_view, 2> kKeyGuards{"allowedIpAddressRanges", "secured"};

using Visit = std::function<void(const Reader&, const std::string&)>;

// Every member of the map at `key`; `null` and absent are an empty map.
void for_each_entry(const Reader& parent, std::string_view key, const Visit& visit) {
  const Member* map = parent.node.find(key);
  if (map == nullptr || map->value.kind == NodeKind::kNull) return;
  const Reader reader = parent.at(*map);
  if (!reader.node.is_object()) return reader.fault_kind("an object");
  for (const Member& member : reader.node.members) visit(reader.at(member), member.key);
}

// userRoles, also spelled user_roles.
std::optional<std::vector<std::string>> one_of_both(const Reader& entry, std::optional<std::vector<std::string>>& roles,
                                                    std::optional<std::vector<std::string>>& alias) {
  if (roles && alias) entry.fault_at_key(R"("userRoles" and "user_roles" are the same setting; keep one)");
  return roles ? std::move(roles) : std::move(alias);
}

void read_deployments(const Reader& parent, std::string_view key, Dynamic& out) {
  for_each_entry(parent, key, [&](const Reader& entry, const std::string& name) {
    DeploymentDraft draft;
    read_leniently(entry, draft, kRoleGuards);
    Deployment deployment{std::string(key), one_of_both(entry, draft.user_roles, draft.user_roles_alias)};
    const auto [existing, is_new] = out.deployments.try_emplace(name, std::move(deployment));
    if (is_new) return;
    // Two entries could allow different roles, and a request names only the deployment.
    entry.fault_at_key("a deployment of this name stands in " + base::json_string(existing->second.kind) +
                       " already; rename one");
  });
}

void read_assistants(const Reader& root, Dynamic& out) {
  const Member* assistant = root.node.find("assistant");
  if (assistant == nullptr || assistant->value.kind == NodeKind::kNull) return;
  const Reader reader = root.at(*assistant);
  if (!reader.node.is_object()) return reader.fault_kind("an object");
  read_deployments(reader, "assistants", out);
}

void fault_slips_of_role(const Reader& entry) {
  const std::vector<std::string_view> known{"limits", "costLimit", "share"};
  for (const Member& member : entry.node.members) {
    const bool is_known = std::find(known.begin(), known.end(), member.key) != known.end();
    if (!is_known) fault_slip(entry.at(member), member.key, known, {});
  }
}

// A limit with a misspelled name would limit nothing.
void warn_about_stranger(const Reader& limit, const std::string& name, const Dynamic& dynamic) {
  std::vector<std::string_view> known;
  known.reserve(dynamic.deployments.size());
  for (const auto& [deployment, entry] : dynamic.deployments) known.push_back(deployment);
  limit.warn_at_key("there is no such deployment, so this limits nothing" + suggestion(name, known));
}

// All keys of a limit guard: one that is not read limits nothing.
template <class Limits>
void read_limits(const Reader& entry, Limits& out) {
  const std::vector<std::string_view> known = names_of<Limits>();
  for (const Member* member : read_known(entry, out)) {
    const Reader stranger = entry.at(*member);
    if (fault_slip(stranger, member->key, known, known)) continue;
    stranger.warn_at_key("not a limit that is known here, so it limits nothing" + suggestion(member->key, known));
  }
}

void read_roles(const Reader& root, Dynamic& out) {
  for_each_entry(root, "roles", [&](const Reader& entry, const std::string& name) {
    if (!entry.node.is_object()) return entry.fault_kind("an object");
    fault_slips_of_role(entry);
    Role role;
    for_each_entry(entry, "limits", [&](const Reader& limit, const std::string& deployment) {
      if (!out.deployments.contains(deployment)) warn_about_stranger(limit, deployment, out);
      read_limits(limit, role.limits[deployment]);
    });
    const Member* cost = entry.node.find("costLimit");
    if (cost != nullptr && cost->value.kind != NodeKind::kNull) read_limits(entry.at(*cost), role.cost.emplace());
    out.roles.insert_or_assign(name, std::move(role));
  });
}

// "SHA256:…", "sha265:…", "sha-256=…": taken for a key in the clear, it would let in whoever has seen the settings.
bool looks_like_a_hash(std::string_view key) {
  const std::string lower = base::to_lower(key);
  const std::size_t mark = lower.find_first_not_of("0123456789-", 3);
  return lower.starts_with("sha") && mark != std::string::npos && mark > 3 &&
         (lower[mark] == ':' || lower[mark] == '=');
}

// Empty: `hash` is that of a key, or what the file has for one.
std::string key_fault(std::string_view key, const std::optional<ApiKeyHash>& hash) {
  constexpr std::string_view kBlank = " \t";
  if (key.empty()) return "an empty API key would match a request without one";
  if (kBlank.find(key.front()) != std::string_view::npos || kBlank.find(key.back()) != std::string_view::npos)
    return "no request can bring a key that begins or ends with a space";
  const bool is_hash = key.starts_with("sha256:") && hash;
  if (!is_hash && looks_like_a_hash(key))
    return R"(the hash of a key is "sha256:" and 64 hex digits; see bearerctl key hash)";
  return {};
}

void read_keys(const Reader& root, Dynamic& out) {
  std::set<std::array<std::uint8_t, 32>> seen;
  for_each_entry(root, "keys", [&](const Reader& named, const std::string& key) {
    Reader entry = named;
    entry.path = "keys.*";  // the name is the secret
    ApiKeyDraft draft;
    const std::size_t faults = entry.context.problems.fault_count();
    read_leniently(entry, draft, kKeyGuards);
    if (entry.context.problems.fault_count() != faults) return;
    const auto hash = ApiKeyHash::of_entry(key);
    if (const std::string fault = key_fault(key, hash); !fault.empty()) return entry.fault_at_key(fault);
    if (draft.project.empty()) entry.fault_at_key(R"(a key needs a "project")");
    if (!draft.role.empty()) draft.roles.insert(draft.roles.begin(), draft.role);
    if (draft.roles.empty()) entry.fault_at_key(R"(a key needs "role" or "roles")");
    // A key and its own hash: which of the two entries it would get would be chance.
    if (!seen.insert(hash->bytes()).second)
      entry.fault_at_key("this key stands here twice, once as its hash; keep one");
    out.keys.push_back(
        {*hash, std::move(draft.project), std::move(draft.roles), draft.is_secured, std::move(draft.address_ranges)});
  });
}

// Who is let in whoever he is can't be asked for anything.
void check_anonymous(const Reader& entry, const RouteDraft& draft) {
  if (!draft.is_anonymous) return;
  if (draft.user_roles || draft.user_roles_alias || draft.providers || draft.rules || draft.max_token_age) {
    entry.fault_at_key(
        R"(an anonymous route lets everybody in, so "userRoles", "providers", "rules" and "maxTokenAgeSeconds" would guard nothing; keep one or the other)");
  }
}

void warn_about_patterns(const Reader& entry, const std::vector<std::string>& paths) {
  const Member* member = entry.node.find("paths");
  for (const std::string& path : paths) {
    const std::string advice = unmatchable_part(path);
    if (!advice.empty() && member != nullptr) entry.at(*member).warn(advice);
  }
}

// A route of a misspelled method never matches, and the next one may ask for less. Nobody can tell a slip from a method
// that was made up, so this only warns.
void warn_about_methods(const Reader& entry, const std::vector<std::string>& methods) {
  // RFC 9110 §9.3, RFC 5789.
  static const std::vector<std::string_view> usual{"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                                   "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  for (const std::string& method : methods) {
    const auto near = std::ranges::find_if(usual, [&](std::string_view each) { return is_near(method, each); });
    if (near != usual.end() && *near != method)
      entry.at(*entry.node.find("methods"))
          .warn(base::json_string(method) + ": did you mean " + base::json_string(*near) + "?");
  }
}

// Methods are told apart by case (RFC 9110 §9.1), and all that are in use are upper case.
std::vector<std::string> upper_case(std::vector<std::string> methods) {
  for (std::string& method : methods) {
    for (char& c : method) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return methods;
}

Route route_of(const Reader& entry, const std::string& name, RouteDraft draft) {
  Route route;
  route.name = name;
  route.paths = std::move(draft.paths);
  route.methods = upper_case(std::move(draft.methods));
  route.hosts = std::move(draft.hosts);
  route.user_roles = one_of_both(entry, draft.user_roles, draft.user_roles_alias);
  route.providers = std::move(draft.providers);
  route.rules = std::move(draft.rules);
  route.max_token_age = draft.max_token_age;
  route.order = draft.order;
  route.is_anonymous = draft.is_anonymous;
  route.keeps_encoded_slashes = draft.keeps_encoded_slashes;
  return route;
}

void read_routes(const Reader& root, Dynamic& out) {
  for_each_entry(root, "routes", [&](const Reader& entry, const std::string& name) {
    RouteDraft draft;
    const std::size_t faults = entry.context.problems.fault_count();
    read_leniently(entry, draft, kRouteGuards);
    if (entry.context.problems.fault_count() != faults) return;
    if (draft.paths.empty()) entry.fault_at_key(R"(a route needs "paths")");
    check_anonymous(entry, draft);
    warn_about_patterns(entry, draft.paths);
    out.routes.push_back(route_of(entry, name, std::move(draft)));
    warn_about_methods(entry, out.routes.back().methods);
  });
  sort_stably_by(out.routes, [](const Route& route) { return route.order; });
}

}  // namespace

Dynamic read_dynamic(const Reader& root) {
  Dynamic out;
  if (!root.node.is_object()) {
    root.fault_kind("an object");
    return out;
  }
  for (const std::string_view kind : kDeploymentKinds) read_deployments(root, kind, out);
  read_assistants(root, out);
  read_roles(root, out);
  read_keys(root, out);
  read_routes(root, out);
  warn_about_unenforced(root);
  return out;
}

void warn_about_unknown_providers(const Reader& root, const std::vector<Provider>& providers) {
  for_each_entry(root, "routes", [&](const Reader& entry, const std::string&) {
    const Member* list = entry.node.find("providers");
    if (list == nullptr) return;
    for_each_element(entry.at(*list), "a list of providers", [&](const Reader& element) {
      const bool is_known = element.node.text == "api_key" ||
                            std::any_of(providers.begin(), providers.end(),
                                        [&](const Provider& provider) { return provider.name == element.node.text; });
      if (!is_known)
        element.warn("there is no provider " + base::json_string(element.node.text) + ": nobody comes from it");
    });
  });
}

void hide_api_keys(Node& root) {
  Member* keys = root.find("keys");
  if (keys == nullptr) return;
  for (Member& member : keys->value.members) {
    const std::string hash = base::hex(ApiKeyHash::of_key(member.key).bytes());
    base::wipe(member.key);
    member.key = hash;
  }
}

std::string dynamic_canonical(const Node& root) {
  Node ours = make_object({});
  for (const std::string_view key : kDynamicSections) {
    if (const Member* member = root.find(key)) ours.members.push_back(*member);
  }
  std::string text;
  append_canonical(text, ours);
  // Members have no order in the canonical form, but of routes of one "order" the first in the file counts.
  if (const Member* routes = root.find("routes")) {
    for (const Member& route : routes->value.members) text += "\n" + base::json_string(route.key);
  }
  return text;
}

}  // namespace bearerd::settings
