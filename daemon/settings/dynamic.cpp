#include "settings/dynamic.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "settings/dynamic_table.hpp"
#include "settings/sorting.hpp"
#include "settings/unenforced.hpp"

namespace bearerd::settings {
namespace {

constexpr std::array<std::string_view, 4> kDeploymentKinds{"models", "applications", "addons", "toolsets"};

constexpr std::array<std::string_view, 2> kRoleGuards{"userRoles", "user_roles"};
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
    entry.fault_at_key("a deployment of this name stands in " + quoted(existing->second.kind) + " already; rename one");
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
  for (const auto& [deployment, entry] : dynamic.deployments) known.push_back(deployment);
  limit.warn_at_key("there is no such deployment, so this limits nothing" + suggestion(name, known));
}

void read_roles(const Reader& root, Dynamic& out) {
  for_each_entry(root, "roles", [&](const Reader& entry, const std::string& name) {
    if (!entry.node.is_object()) return entry.fault_kind("an object");
    fault_slips_of_role(entry);
    Role role;
    for_each_entry(entry, "limits", [&](const Reader& limit, const std::string& deployment) {
      if (!out.deployments.contains(deployment)) warn_about_stranger(limit, deployment, out);
      read_leniently(limit, role.limits[deployment]);
    });
    const Member* cost = entry.node.find("costLimit");
    if (cost != nullptr && cost->value.kind != NodeKind::kNull) read_leniently(entry.at(*cost), role.cost.emplace());
    out.roles.insert_or_assign(name, std::move(role));
  });
}

bool is_hashed_key(std::string_view key) {
  constexpr std::string_view kPrefix = "sha256:";
  return key.substr(0, kPrefix.size()) == kPrefix;
}

bool is_sha256_hex(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

void read_keys(const Reader& root, Dynamic& out) {
  for_each_entry(root, "keys", [&](const Reader& named, const std::string& key) {
    Reader entry = named;
    entry.path = "keys.*";  // the name is the secret
    ApiKeyDraft draft;
    const std::size_t faults = entry.context.problems.fault_count();
    read_leniently(entry, draft, kKeyGuards);
    if (entry.context.problems.fault_count() != faults) return;
    if (key.empty()) entry.fault_at_key("an empty API key would match a request without one");
    if (is_hashed_key(key) && !is_sha256_hex(std::string_view(key).substr(7))) {
      entry.fault_at_key("after sha256: stand 64 hex digits");
    }
    if (draft.project.empty()) entry.fault_at_key(R"(a key needs a "project")");
    if (!draft.role.empty()) draft.roles.insert(draft.roles.begin(), draft.role);
    if (draft.roles.empty()) entry.fault_at_key(R"(a key needs "role" or "roles")");
    out.keys.push_back({base::Secret(key), std::move(draft.project), std::move(draft.roles), draft.is_secured,
                        std::move(draft.address_ranges)});
  });
}

void read_routes(const Reader& root, Dynamic& out) {
  for_each_entry(root, "routes", [&](const Reader& entry, const std::string& name) {
    RouteDraft draft;
    const std::size_t faults = entry.context.problems.fault_count();
    read_leniently(entry, draft, kRoleGuards);
    if (entry.context.problems.fault_count() != faults) return;
    if (draft.paths.empty()) entry.fault_at_key(R"(a route needs "paths")");
    out.routes.push_back({name, std::move(draft.paths), std::move(draft.methods),
                          one_of_both(entry, draft.user_roles, draft.user_roles_alias), draft.order});
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

std::string dynamic_canonical(const Node& root) {
  Node ours = make_object({});
  for (const std::string_view key :
       {"models", "applications", "addons", "assistant", "toolsets", "roles", "keys", "routes"}) {
    if (const Member* member = root.find(key)) ours.members.push_back(*member);
  }
  std::string text;
  append_canonical(text, ours);
  return text;
}

}  // namespace bearerd::settings
