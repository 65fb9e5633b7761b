// One entry of identityProviders, as it is read and before it is judged.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "settings/field.hpp"
#include "settings/settings.hpp"

namespace bearerd::settings {

// "rolePath": claim paths, or the name of a function that asks the provider.
struct RoleSource {
  std::vector<base::ClaimPath> paths;
  std::string function;
};

struct IntrospectionDraft {
  std::string url, client_id, client_secret_file;
  ClientAuthentication authentication = ClientAuthentication::kBasic;
  IntrospectedTokens tokens = IntrospectedTokens::kOpaque;
};

struct ProviderDraft : Provider {
  RoleSource roles;
  std::string logging_salt_file;
  bool obfuscates_email = true;
  std::vector<std::string> claim_paths_to_log;
  bool disables_verification = false;
  std::optional<IntrospectionDraft> introspection_draft;
  std::vector<std::string> plugin_keys;  // keys of the entry that the plugin takes
  bool plugin_names_roles = false;       // without rolePath
};

template <>
std::span<const Field<ProviderDraft>> fields_of<ProviderDraft>();
template <>
std::span<const Field<IntrospectionDraft>> fields_of<IntrospectionDraft>();

template <>
struct Codec<IntrospectionDraft> : Nested<IntrospectionDraft> {};

template <>
struct Codec<RoleSource> {
  static void read(const Reader& reader, const Traits& traits, RoleSource& out);
  static std::string show(const Traits& traits, const RoleSource& value);
  static std::string type(const Traits& traits);
  static std::string json(const Traits& traits, const RoleSource& value);
};

// What an entry has where it says nothing.
[[nodiscard]] ProviderDraft default_provider();

}  // namespace bearerd::settings
