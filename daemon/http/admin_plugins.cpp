#include "http/admin_plugins.hpp"

#include <Poco/JSON/Parser.h>

#include "http/admin_json.hpp"

namespace bearerd::http {
namespace {

using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;
using settings::PluginSetting;

std::string_view name_of(PluginSetting::Type type) {
  switch (type) {
    case PluginSetting::Type::kInteger:
      return "integer";
    case PluginSetting::Type::kBoolean:
      return "boolean";
    case PluginSetting::Type::kStringList:
      return "stringList";
    case PluginSetting::Type::kUrl:
      return "url";
    case PluginSetting::Type::kStringMap:
      return "stringMap";
    case PluginSetting::Type::kString:
      break;
  }
  return "string";
}

Var number_or_null(const std::optional<std::int64_t>& number) {
  return number ? Var(static_cast<Poco::Int64>(*number)) : Var();
}

Var default_json(const PluginSetting& setting) {
  if (setting.default_json.empty()) return {};
  // POCO parses a lone value only inside of something.
  return Poco::JSON::Parser().parse("[" + setting.default_json + "]").extract<Array::Ptr>()->get(0);
}

Object setting_json(const PluginSetting& setting) {
  Object item = new_object();
  item.set("name", setting.name);
  item.set("type", std::string(name_of(setting.type)));
  item.set("help", setting.help);
  item.set("required", setting.is_required);
  item.set("secret", setting.is_secret);
  item.set("default", setting.is_secret ? Var() : default_json(setting));
  item.set("minimum", number_or_null(setting.minimum));
  item.set("maximum", number_or_null(setting.maximum));
  item.set("choices", strings_json(setting.choices));
  return item;
}

Object plugin_json(const PluginStatus& status) {
  Object item = new_object();
  item.set("name", status.plugin.name);
  item.set("version", status.plugin.version);
  item.set("abi", status.plugin.abi);
  item.set("file", status.plugin.file);
  item.set("digest", "sha256:" + status.plugin.digest);
  item.set("description", text_or_null(status.plugin.schema.description));
  item.set("providers", strings_json(status.providers));
  Array settings;
  for (const PluginSetting& setting : status.plugin.schema.settings) settings.add(setting_json(setting));
  item.set("settings", settings);
  return item;
}

}  // namespace

AdminAnswer list_plugins(const AdminCalls& calls, const AdminRequest&) {
  Array items;
  for (const PluginStatus& plugin : calls.plugins()) items.add(plugin_json(plugin));
  Object root = new_object();
  root.set("plugins", items);
  return json_answer(to_text(root));
}

AdminAnswer get_plugin(const AdminCalls& calls, const AdminRequest& request) {
  const auto found = calls.plugin(request.name);
  if (!found) return no_answer_refusal(found.error());
  const base::Result<PluginStatus>& plugin = *found;
  if (plugin) return json_answer(to_text(plugin_json(*plugin)));
  return admin_refusal(404, "unknown_plugin", "there is no such plugin", plugin.error().text);
}

}  // namespace bearerd::http
