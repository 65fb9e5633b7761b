#include "settings/unenforced.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace bearerd::settings {
namespace {

// `null` is the same as leaving the key out.
std::optional<Reader> find_key(const Reader& parent, std::string_view key) {
  const Member* member = parent.node.find(key);
  if (member == nullptr || member->value.kind == NodeKind::kNull) return std::nullopt;
  return parent.at(*member);
}

std::optional<Reader> find_filled(const Reader& parent, std::string_view key) {
  auto found = find_key(parent, key);
  if (!found || found->node.members.empty()) return std::nullopt;
  return found;
}

void warn_about_first(const Reader& map, std::string_view key, const std::string& text) {
  for (const Member& member : map.node.members) {
    const auto part = find_filled(map.at(member), key);
    if (part) return part->warn_at_key(text);
  }
}

// True when one was found: one warning stands for all.
bool warn_about_user_roles(const Reader& deployments) {
  for (const Member& member : deployments.node.members) {
    const Reader deployment = deployments.at(member);
    const bool is_old = !find_key(deployment, "userRoles");
    const auto roles = find_key(deployment, is_old ? "user_roles" : "userRoles");
    if (!roles) continue;
    roles->warn_at_key(
        "roles of deployments are enforced for X-Bearerd-Resource on /verify only: /verify/nginx, /verify/forward and "
        "/verify/envoy check the token only");
    return true;
  }
  return false;
}

void warn_about_deployments(const Reader& root) {
  for (const std::string_view kind : {"models", "applications", "addons", "toolsets"}) {
    const auto deployments = find_filled(root, kind);
    if (deployments && warn_about_user_roles(*deployments)) return;
  }
  const auto assistant = find_filled(root, "assistant");
  const auto assistants = assistant ? find_filled(*assistant, "assistants") : std::nullopt;
  if (assistants) (void)warn_about_user_roles(*assistants);
}

}  // namespace

void fault_unavailable(const Reader& root) {
  if (const auto verify = find_filled(root, "verify")) {
    if (const auto route = find_key(*verify, "defaultRoute")) {
      route->fault_at_key(
          "not available in this version, which checks the token and no routes; leave this out, and allow or deny "
          "paths in the proxy");
    }
  }
  const auto state = find_filled(root, "state");
  if (!state) return;
  if (const auto revocations = find_key(*state, "revocationsFile")) {
    revocations->fault_at_key(
        "not available in this version: nothing in this file would be revoked; leave this out, and let the provider "
        "revoke by short lives of its tokens");
  }
}

void warn_about_unenforced(const Reader& root) {
  if (const auto routes = find_filled(root, "routes")) {
    routes->warn_at_key(
        "routes are read and checked but not enforced by this version: /verify/nginx, /verify/forward and "
        "/verify/envoy check the token only");
  }
  if (const auto keys = find_filled(root, "keys")) {
    keys->warn_at_key("every API key is refused (unknown_api_key) by this version");
  }
  if (const auto roles = find_filled(root, "roles")) {
    warn_about_first(*roles, "share", "limits of sharing are not enforced by this version");
  }
  warn_about_deployments(root);
}

}  // namespace bearerd::settings
