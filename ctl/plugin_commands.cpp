#include <Poco/JSON/Stringifier.h>

#include <ostream>
#include <sstream>

#include "ctl/answer_text.hpp"
#include "ctl/commands.hpp"
#include "ctl/show.hpp"

namespace bearerd::ctl {
namespace {

using Poco::JSON::Object;

constexpr int kNotFound = 404;

std::string default_of(const Object& setting) {
  if (flag_of(setting, "required")) return "(required)";
  if (setting.isNull("default")) return "-";
  std::ostringstream text;
  Poco::JSON::Stringifier::stringify(setting.get("default"), text);
  return printable(text.str());
}

std::string type_of(const Object& setting) {
  std::string type = text_of(setting, "type");
  const std::string choices = joined(setting, "choices");
  if (!choices.empty()) type += " (" + choices + ")";
  return type + (flag_of(setting, "secret") ? ", secret" : "");
}

void print_plugin(const Object& plugin, Output& output) {
  output.out << text_of(plugin, "name") << ' ' << text_of(plugin, "version") << ", ABI " << text_of(plugin, "abi")
             << '\n'
             << text_of(plugin, "file") << '\n'
             << text_of(plugin, "digest") << '\n';
  const std::string description = text_of(plugin, "description");
  if (!description.empty()) output.out << description << '\n';
  output.out << "serves: " << joined(plugin, "providers") << "\n\n";
  std::vector<std::vector<Cell>> rows{{{"KEY"}, {"TYPE"}, {"DEFAULT"}, {"MEANING"}}};
  for_each_object(plugin, "settings", [&](const Object& setting) {
    rows.push_back({{text_of(setting, "name")}, {type_of(setting)}, {default_of(setting)}, {text_of(setting, "help")}});
  });
  output.out << (rows.size() == 1 ? "it takes no keys of its own\n" : table(output.look, rows));
}

void print_plugins(const Object& answer, Output& output) {
  std::vector<std::vector<Cell>> rows{{{"PLUGIN"}, {"VERSION"}, {"ABI"}, {"PROVIDERS"}, {"FILE"}}};
  for_each_object(answer, "plugins", [&](const Object& plugin) {
    rows.push_back({{text_of(plugin, "name")},
                    {text_of(plugin, "version")},
                    {text_of(plugin, "abi")},
                    {joined(plugin, "providers")},
                    {text_of(plugin, "file")}});
  });
  output.out << table(output.look, rows);
}

Refuse refusal_of(const std::string& name) {
  return [name](const ApiAnswer& answer, Output& output) {
    if (answer.status != kNotFound) return report_refusal(answer, output);
    output.err << "bearerctl: there is no plugin " << printable(name) << ": "
               << (answer.object ? text_of(*answer.object, "detail") : std::string()) << '\n';
    return kNo;
  };
}

int describe(const CommandLine& line, const std::string& name, Output& output) {
  return show(line, {"GET", "/v1/plugins/" + path_segment(name)}, output, print_plugin, refusal_of(name));
}

}  // namespace

int run_plugins(const CommandLine& line, Output& output) {
  if (!line.arguments.empty()) return describe(line, line.arguments.front(), output);
  return show(line, {"GET", "/v1/plugins"}, output, print_plugins);
}

int run_plugin_describe(const CommandLine& line, Output& output) {
  if (line.arguments.empty()) return report_trouble("write: bearerctl plugin describe NAME", output);
  return describe(line, line.arguments.front(), output);
}

}  // namespace bearerd::ctl
