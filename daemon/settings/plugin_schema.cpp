#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/text.hpp"
#include "settings/load.hpp"
#include "settings/parse.hpp"

namespace bearerd::settings {
namespace {

using Type = PluginSetting::Type;

constexpr std::array kTypes{
    std::pair{std::string_view("string"), Type::kString},
    std::pair{std::string_view("integer"), Type::kInteger},
    std::pair{std::string_view("boolean"), Type::kBoolean},
    std::pair{std::string_view("stringList"), Type::kStringList},
    std::pair{std::string_view("url"), Type::kUrl},
    std::pair{std::string_view("stringMap"), Type::kStringMap},
};

tl::unexpected<base::Error> refuse(std::string text) {
  return base::fail(base::ErrorCode::kInvalid, "the plugin's schema: " + std::move(text));
}

std::optional<Type> find_type(const std::string& name) {
  for (const auto& [text, type] : kTypes) {
    if (text == name) return type;
  }
  return std::nullopt;
}

bool read_bound(const Node& node, std::optional<std::int64_t>& out) {
  std::int64_t value = 0;
  const char* end = node.text.data() + node.text.size();
  const auto result = std::from_chars(node.text.data(), end, value);
  if (node.kind != NodeKind::kNumber || result.ec != std::errc{} || result.ptr != end) return false;
  out = value;
  return true;
}

bool read_flag(const Node& node, bool& out) {
  if (node.kind != NodeKind::kBoolean) return false;
  out = node.boolean;
  return true;
}

bool read_string(const Node& node, std::string& out) {
  if (node.kind != NodeKind::kString) return false;
  out = node.text;
  return true;
}

bool read_strings(const Node& node, std::vector<std::string>& out) {
  if (!node.is_array()) return false;
  for (const Node& element : node.elements) {
    if (!read_string(element, out.emplace_back())) return false;
  }
  return true;
}

bool read_type(const Node& node, Type& out) {
  const auto type = find_type(node.text);
  if (node.kind != NodeKind::kString || !type) return false;
  out = *type;
  return true;
}

// False: unknown, or of the wrong kind.
bool read_attribute(const Member& attribute, PluginSetting& setting) {
  const Node& value = attribute.value;
  if (attribute.key == "name") return read_string(value, setting.name) && !setting.name.empty();
  if (attribute.key == "help") return read_string(value, setting.help);
  if (attribute.key == "type") return read_type(value, setting.type);
  if (attribute.key == "required") return read_flag(value, setting.is_required);
  if (attribute.key == "secret") return read_flag(value, setting.is_secret);
  if (attribute.key == "minimum") return read_bound(value, setting.minimum);
  if (attribute.key == "maximum") return read_bound(value, setting.maximum);
  if (attribute.key == "choices") return read_strings(value, setting.choices);
  if (attribute.key != "default") return false;
  append_canonical(setting.default_json, value);
  return true;
}

base::Result<PluginSetting> read_setting(const Node& node) {
  if (node.find("name") == nullptr || node.find("type") == nullptr) {
    return refuse("each of its settings needs \"name\" and \"type\"");
  }
  PluginSetting setting;
  for (const Member& attribute : node.members) {
    if (!read_attribute(attribute, setting)) {
      return refuse("setting " + base::json_string(setting.name) + ": " + base::json_string(attribute.key) +
                    " is not understood");
    }
  }
  return setting;
}

base::Result<void> read_settings(const Node& node, std::vector<PluginSetting>& out) {
  if (!node.is_array()) return refuse("\"settings\" is no list");
  for (const Node& element : node.elements) {
    auto setting = read_setting(element);
    if (!setting) return tl::make_unexpected(setting.error());
    out.push_back(std::move(*setting));
  }
  return {};
}

bool declares(const PluginSchema& schema, const std::string& name) {
  return std::any_of(schema.settings.begin(), schema.settings.end(),
                     [&](const PluginSetting& setting) { return setting.name == name; });
}

base::Result<void> check_names_roles(const PluginSchema& schema) {
  for (const std::string& name : schema.names_roles_with) {
    if (!declares(schema, name)) return refuse("\"namesRoles\": no setting is called " + base::json_string(name));
  }
  return {};
}

base::Result<void> read_member(const Member& member, PluginSchema& schema) {
  const Node& value = member.value;
  if (member.key == "settings") return read_settings(value, schema.settings);
  if (member.key == "description" && read_string(value, schema.description)) return {};
  if (member.key == "namesRoles" &&
      (read_flag(value, schema.names_roles) || read_strings(value, schema.names_roles_with))) {
    return {};
  }
  return refuse(base::json_string(member.key) + " is not understood");
}

}  // namespace

base::Result<PluginSchema> parse_plugin_schema(std::string_view json) {
  const auto root = parse_json_quietly(json);
  if (!root || !root->is_object()) return refuse("it is no JSON object");
  PluginSchema schema;
  for (const Member& member : root->members) {
    if (const auto read = read_member(member, schema); !read) return tl::make_unexpected(read.error());
  }
  if (const auto checked = check_names_roles(schema); !checked) return tl::make_unexpected(checked.error());
  return schema;
}

}  // namespace bearerd::settings
