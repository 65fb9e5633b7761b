#include "settings/plugin_settings.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "settings/parse.hpp"

namespace bearerd::settings {
namespace {

Node text_node(std::string text) {
  Node node;
  node.kind = NodeKind::kString;
  node.text = std::move(text);
  return node;
}

Node list_node(const std::vector<std::string>& list) {
  Node node;
  node.kind = NodeKind::kArray;
  for (const std::string& each : list) node.elements.push_back(text_node(each));
  return node;
}

void set(Node& object, std::string_view key, Node value) {
  object.members.push_back({std::string(key), {}, std::move(value)});
}

void set_text(Node& object, std::string_view key, const std::string& text) {
  if (!text.empty()) set(object, key, text_node(text));
}

void set_list(Node& object, std::string_view key, const std::vector<std::string>& list) {
  if (!list.empty()) set(object, key, list_node(list));
}

Traits traits_of(const PluginSetting& setting, const std::vector<std::string_view>& choices) {
  Traits traits;
  traits.is_secret = setting.is_secret;
  traits.minimum = setting.minimum.value_or(std::numeric_limits<std::int64_t>::min());
  traits.maximum = setting.maximum.value_or(std::numeric_limits<std::int64_t>::max());
  traits.choices = choices;
  traits.needs_element = true;
  if (setting.type == PluginSetting::Type::kUrl) traits.format = Format::kUrl;
  return traits;
}

std::optional<Node> read_string_map(const Reader& reader, const Traits& traits) {
  if (!reader.node.is_object()) {
    reader.fault_kind("an object of strings");
    return std::nullopt;
  }
  Node map = make_object({});
  for (const Member& member : reader.node.members) {
    std::string text;
    Codec<std::string>::read(reader.at(member), traits, text);
    set(map, member.key, text_node(std::move(text)));
  }
  return map;
}

Node boolean_node(bool value) {
  Node node;
  node.kind = NodeKind::kBoolean;
  node.boolean = value;
  return node;
}

Node number_node(std::int64_t value) {
  Node node;
  node.kind = NodeKind::kNumber;
  node.text = std::to_string(value);
  return node;
}

// Absent after a fault.
std::optional<Node> read_setting(const Reader& reader, const PluginSetting& setting) {
  const std::vector<std::string_view> choices(setting.choices.begin(), setting.choices.end());
  const Traits traits = traits_of(setting, choices);
  const std::size_t faults = reader.context.problems.fault_count();
  std::optional<Node> value;
  switch (setting.type) {
    case PluginSetting::Type::kInteger:
      if (const auto number = read_integer(reader, traits)) value = number_node(*number);
      break;
    case PluginSetting::Type::kBoolean:
      if (const auto boolean = read_boolean(reader)) value = boolean_node(*boolean);
      break;
    case PluginSetting::Type::kStringMap:
      value = read_string_map(reader, traits);
      break;
    case PluginSetting::Type::kStringList: {
      std::vector<std::string> list;
      Codec<std::vector<std::string>>::read(reader, traits, list);
      value = list_node(list);
      break;
    }
    case PluginSetting::Type::kString:
    case PluginSetting::Type::kUrl: {
      std::string text;
      Codec<std::string>::read(reader, traits, text);
      value = text_node(std::move(text));
      break;
    }
  }
  if (reader.context.problems.fault_count() != faults) return std::nullopt;
  return value;
}

void set_own_keys(Node& object, const Reader& entry, const PluginSchema& schema,
                  const std::vector<const Member*>& own) {
  const std::vector<std::string_view> common = names_of<ProviderDraft>();
  for (const PluginSetting& setting : schema.settings) {
    // The daemon's own keys are given to every plugin; a schema can't take one over.
    const bool is_common = std::find(common.begin(), common.end(), setting.name) != common.end();
    if (is_common || object.find(setting.name) != nullptr) continue;
    const auto found = std::find_if(own.begin(), own.end(), [&](const Member* member) {
      return find_setting(schema, *member) == &setting && member->value.kind != NodeKind::kNull;
    });
    if (found != own.end()) {
      if (auto value = read_setting(entry.at(**found), setting)) set(object, setting.name, std::move(*value));
    } else if (setting.is_required) {
      entry.fault_at_key("the plugin needs " + base::json_string(setting.name) + " here: " + setting.help);
    } else if (auto value = parse_json_quietly(setting.default_json)) {
      set(object, setting.name, std::move(*value));
    }
  }
}

void set_common_keys(Node& object, const ProviderDraft& provider) {
  constexpr std::array kUses{"access", "id", "any"};
  set_text(object, "name", provider.name);
  set_list(object, "issuer", provider.issuers);
  set_text(object, "issuerPattern", provider.issuer_pattern_text);
  set_text(object, "jwksUrl", provider.jwks_url);
  set_text(object, "userInfoEndpoint", provider.user_info_endpoint);
  set_list(object, "audience", provider.audience);
  set_text(object, "tokenUse", kUses[static_cast<std::size_t>(provider.token_use) - 1]);
  std::vector<std::string> role_paths;
  role_paths.reserve(provider.roles.paths.size());
  for (const base::ClaimPath& path : provider.roles.paths) role_paths.push_back(path.display());
  set_list(object, "rolePath", role_paths);
  set_text(object, "roleFunction", provider.role_function);
  if (!provider.introspection_draft) return;
  // Not the secret: the daemon makes itself known to the endpoint.
  constexpr std::array kTokens{"opaque", "all"};
  const IntrospectionDraft& draft = *provider.introspection_draft;
  Node introspection = make_object({});
  set_text(introspection, "url", draft.url);
  set_text(introspection, "clientId", draft.client_id);
  set_text(introspection, "tokens", kTokens[static_cast<std::size_t>(draft.tokens) - 1]);
  set(object, "introspection", std::move(introspection));
}

Node mask(const Node& value) {
  if (value.kind == NodeKind::kNull) return value;
  return text_node("***");
}

}  // namespace

const PluginSetting* find_setting(const PluginSchema& schema, const Member& member) {
  const bool is_from_environment = member.where.line == 0;
  const auto found = std::find_if(schema.settings.begin(), schema.settings.end(), [&](const PluginSetting& setting) {
    return is_from_environment ? base::equals_ignoring_case(setting.name, member.key) : setting.name == member.key;
  });
  return found == schema.settings.end() ? nullptr : &*found;
}

bool names_roles(const Reader& entry, const PluginSchema& schema) {
  return schema.names_roles ||
         std::any_of(schema.names_roles_with.begin(), schema.names_roles_with.end(), [&](const std::string& name) {
           const Member* member = entry.node.find(name);
           return member != nullptr && (member->value.kind != NodeKind::kBoolean || member->value.boolean);
         });
}

std::string plugin_settings(const Reader& entry, const PluginSchema& schema, const std::vector<const Member*>& own,
                            ProviderDraft& provider) {
  Node object = make_object({});
  set_common_keys(object, provider);
  set_own_keys(object, entry, schema, own);
  for (const PluginSetting& setting : schema.settings) {
    const Member* const member = setting.type == PluginSetting::Type::kUrl ? object.find(setting.name) : nullptr;
    if (member != nullptr) provider.plugin_urls.emplace(setting.name, member->value.text);
  }
  std::string json;
  append_canonical(json, object);
  return json;
}

std::string shown_plugin_settings(std::string_view settings_json, const PluginSchema& schema) {
  Node shown = make_object({});
  const auto all = parse_json_quietly(settings_json);
  for (const PluginSetting& setting : schema.settings) {
    const Member* member = all ? all->find(setting.name) : nullptr;
    if (member != nullptr) set(shown, setting.name, setting.is_secret ? mask(member->value) : member->value);
  }
  std::string json;
  append_canonical(json, shown);
  return json;
}

}  // namespace bearerd::settings
