// The families of the dynamic settings, as they are read.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "settings/field.hpp"
#include "settings/settings.hpp"

namespace bearerd::settings {

// What is read of a dynamic file.
inline constexpr std::array<std::string_view, 8> kDynamicSections{"models",   "applications", "addons", "assistant",
                                                                  "toolsets", "roles",        "keys",   "routes"};

struct DeploymentDraft {
  std::optional<std::vector<std::string>> user_roles, user_roles_alias;
};

struct ApiKeyDraft {
  std::string project, role;
  std::vector<std::string> roles;
  bool is_secured = false;
  std::optional<std::vector<std::string>> address_ranges;
};

struct RouteDraft {
  std::vector<std::string> paths, methods, hosts;
  std::optional<std::vector<std::string>> user_roles, user_roles_alias, providers;
  std::optional<std::vector<Rule>> rules;
  std::optional<std::chrono::seconds> max_token_age;
  std::int64_t order = Route{}.order;
  bool is_anonymous = false;
  bool keeps_encoded_slashes = false;
};

template <>
std::span<const Field<DeploymentDraft>> fields_of<DeploymentDraft>();
template <>
std::span<const Field<ApiKeyDraft>> fields_of<ApiKeyDraft>();
template <>
std::span<const Field<RouteDraft>> fields_of<RouteDraft>();
template <>
std::span<const Field<Limit>> fields_of<Limit>();
template <>
std::span<const Field<CostLimit>> fields_of<CostLimit>();

}  // namespace bearerd::settings
