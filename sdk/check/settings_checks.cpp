#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/temporary_directory.hpp"
#include "base/text.hpp"
#include "sdk/check/checks.hpp"
#include "sdk/check/session.hpp"
#include "sdk/testing/entry.hpp"
#include "settings/parse.hpp"
#include "settings/provider_table.hpp"

namespace bearerd::check {
namespace {

using settings::Node;
using settings::PluginSchema;
using settings::PluginSetting;
using Type = PluginSetting::Type;

class OneSchema final : public settings::PluginSchemas {
 public:
  explicit OneSchema(const PluginSchema& schema) noexcept : schema_(schema) {}
  base::Result<const PluginSchema*> schema(const settings::Plugins&, std::string_view) override { return &schema_; }

 private:
  const PluginSchema& schema_;
};

// The daemon's reading of an entry for this plugin.
class EntryReader {
 public:
  EntryReader(const Subject& subject, const PluginSchema& schema) : subject_(subject), schemas_(schema) {}
  [[nodiscard]] testing::Entry read(std::string_view json) {
    return testing::read_entry(directory_.path(), subject_.name, json, schemas_);
  }
  // The author's entry with this value for one key; the value is JSON.
  [[nodiscard]] testing::Entry read_with(const std::string& key, std::string_view value) {
    Node entry = settings::parse_json_quietly(subject_.settings).value_or(settings::make_object({}));
    std::erase_if(entry.members, [&](const settings::Member& member) { return member.key == key; });
    entry.members.push_back({key, {}, settings::parse_json_quietly(value).value_or(Node{})});
    std::string json;
    settings::append_canonical(json, entry);
    return read(json);
  }

 private:
  const Subject& subject_;
  OneSchema schemas_;
  base::TemporaryDirectory directory_{"bearerd-plugin-check"};
};

const testing::Fault* find_fault(const testing::Entry& entry, std::string_view setting) {
  const auto found = std::find_if(entry.faults.begin(), entry.faults.end(), [&](const testing::Fault& fault) {
    return fault.setting == setting || fault.setting.starts_with(std::string(setting) + "[") ||
           fault.setting.starts_with(std::string(setting) + ".");
  });
  return found == entry.faults.end() ? nullptr : &*found;
}

std::string display(const testing::Fault& fault) {
  return fault.setting + (fault.setting.empty() ? "" : ": ") + fault.text;
}

bool is_setting_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return name.size() <= 64 && !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

// JSON values that can't be taken for one of the type. A string is a list of one, and a number may be written as text.
std::vector<std::string> values_of_other_types(const PluginSetting& setting) {
  switch (setting.type) {
    case Type::kString:
      return {"true", "{}", "[\"a\"]"};
    case Type::kUrl:
      return {"true", "{}", R"("no url")", R"("http://elsewhere.example/")", R"("file:///etc/passwd")"};
    case Type::kInteger:
      return {"true", "{}", R"("many")", "1.5", "[]"};
    case Type::kBoolean:
      return {"{}", R"("perhaps")", "2", "[]"};
    case Type::kStringList:
      return {"true", "{}", "[1]", "[[\"a\"]]", "[null]"};
    case Type::kStringMap:
      return {"true", R"("a")", "[]", R"({"a":{}})"};
  }
  return {};
}

// Values that fit the type, and that an author does not think of.
std::vector<std::string> odd_values_of(const PluginSetting& setting) {
  if (!setting.choices.empty()) return {};
  switch (setting.type) {
    case Type::kString:
      return {R"(" ")", R"("\u0000")", R"("a\u0000b")", '"' + std::string(4000, 'x') + '"',
              R"("\ud83d\ude00 ${x} ../")"};
    case Type::kUrl:
      return {R"("https://a.example")", R"("https://a.example/?#")",
              "\"https://a.example/" + std::string(2000, 'x') + '"'};
    case Type::kInteger:
      return {std::to_string(setting.minimum.value_or(-9007199254740991)),
              std::to_string(setting.maximum.value_or(9007199254740991)), "0"};
    case Type::kBoolean:
      return {"true", "false"};
    case Type::kStringList:
      return {"[]", R"([""])", R"([" ","\u0000"])", "[\"" + std::string(4000, 'x') + "\"]", R"(["a","a","a"])"};
    case Type::kStringMap:
      return {"{}", R"({"":""})", R"({"a\u0000":"\u0000"})"};
  }
  return {};
}

void look_at_setting(const PluginSetting& setting, Faults& faults) {
  const std::string quoted = base::json_string(setting.name);
  const std::vector<std::string_view> common = settings::names_of<settings::ProviderDraft>();
  if (!is_setting_name(setting.name)) faults.add(quoted + " is no name: a letter, then letters and digits, at most 64");
  if (std::find(common.begin(), common.end(), setting.name) != common.end())
    faults.add(quoted + " is one of the daemon's own keys, which a plugin can't declare");
  if (setting.help.empty()) faults.add(quoted + " has no help for the operator");
  if (setting.is_required && !setting.default_json.empty()) faults.add(quoted + " is required and has a default");
  if (setting.minimum && setting.maximum && *setting.minimum > *setting.maximum)
    faults.add(quoted + " has a minimum above its maximum");
  if ((setting.minimum || setting.maximum) && setting.type != Type::kInteger)
    faults.add(quoted + " has a range and is no integer");
  if (!setting.choices.empty() && setting.type != Type::kString && setting.type != Type::kStringList)
    faults.add(quoted + " has choices and is no string");
}

}  // namespace

base::Result<std::string> settings_for_plugin(const Subject& subject, const plugin::Library& library) {
  EntryReader reader(subject, library.schema());
  const testing::Entry entry = reader.read(subject.settings);
  if (entry.settings != nullptr) return entry.settings->providers.front().plugin_settings_json;
  std::string all;
  for (const testing::Fault& fault : entry.faults) {
    if (!fault.is_warning) all += (all.empty() ? "" : "; ") + display(fault);
  }
  return base::fail(base::ErrorCode::kInvalid, std::move(all));
}

Finding check_schema(const Subject& subject) {
  const auto library = open_library(subject);
  if (!library) return {Outcome::kFailed, library.error().text};
  const PluginSchema& schema = (*library)->schema();
  Faults faults;
  if (schema.description.empty()) faults.add("has no description for the operator");
  std::set<std::string> names;
  EntryReader reader(subject, schema);
  for (const PluginSetting& setting : schema.settings) {
    look_at_setting(setting, faults);
    if (!names.insert(setting.name).second) faults.add(base::json_string(setting.name) + " is declared twice");
    if (setting.default_json.empty()) continue;
    const testing::Entry entry = reader.read_with(setting.name, setting.default_json);
    if (const testing::Fault* fault = find_fault(entry, setting.name))
      faults.add("the default of " + base::json_string(setting.name) + " is refused: " + fault->text);
  }
  return faults.finding(std::to_string(schema.settings.size()) + " settings declared");
}

Finding check_settings(const Subject& subject) {
  Record record(false);
  const auto library = open_library(subject);
  if (!library) return {Outcome::kFailed, library.error().text};
  const auto settings = settings_for_plugin(subject, **library);
  if (!settings && !subject.has_own_settings)
    return {Outcome::kSkipped, "needs --settings FILE: " + settings.error().text};
  if (!settings) return {Outcome::kFailed, settings.error().text};
  Faults faults;
  std::string refusal;
  bool is_open = false;
  {
    const Session session(*library, *settings, record, faults);
    refusal = session.refusal();
    is_open = session.is_open();
  }
  if (!is_open && faults.empty()) {
    if (!subject.has_own_settings) return {Outcome::kSkipped, "needs --settings FILE: " + refusal};
    faults.add("the plugin refuses its settings: " + refusal);
  }
  return faults.finding(subject.has_own_settings ? "taken" : "an issuer and an audience are enough");
}

Finding check_odd_settings(const Subject& subject) {
  Record record(false);
  const auto library = open_library(subject);
  if (!library) return {Outcome::kFailed, library.error().text};
  EntryReader reader(subject, (*library)->schema());
  Faults faults;
  std::size_t refused = 0;
  std::size_t taken = 0;
  if (find_fault(reader.read_with("settingThatNobodyHas", "1"), "settingThatNobodyHas") == nullptr)
    faults.add("an unknown setting passes in silence");
  for (const PluginSetting& setting : (*library)->schema().settings) {
    for (const std::string& value : values_of_other_types(setting)) {
      ++refused;
      if (find_fault(reader.read_with(setting.name, value), setting.name) == nullptr)
        faults.add(base::json_string(setting.name) + " may be " + value);
    }
    for (const std::string& value : odd_values_of(setting)) {
      const testing::Entry entry = reader.read_with(setting.name, value);
      if (entry.settings == nullptr) continue;
      ++taken;
      const Session session(*library, entry.settings->providers.front().plugin_settings_json, record, faults);
    }
  }
  return faults.finding(std::to_string(refused) + " values of wrong types refused, " + std::to_string(taken) +
                        " odd ones survived");
}

}  // namespace bearerd::check
