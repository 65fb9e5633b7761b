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

}  // namespace

void warn_about_unenforced(const Reader& root) {
  if (const auto roles = find_filled(root, "roles")) {
    warn_about_first(*roles, "share", "limits of sharing are not enforced by this version");
  }
}

}  // namespace bearerd::settings
