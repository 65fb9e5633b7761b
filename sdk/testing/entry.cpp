#include "sdk/testing/entry.hpp"

#include <algorithm>
#include <utility>

#include "base/file.hpp"
#include "settings/parse.hpp"
#include "settings/problems.hpp"

namespace bearerd::testing {
namespace {

using settings::Node;
using settings::NodeKind;

Node text_node(std::string text) {
  Node node;
  node.kind = NodeKind::kString;
  node.text = std::move(text);
  return node;
}

Node object_with(std::string key, Node value) {
  Node node = settings::make_object({});
  node.members.push_back({std::move(key), {}, std::move(value)});
  return node;
}

std::vector<Fault> syntax_faults(settings::Problems& problems) {
  std::vector<Fault> faults;
  for (const settings::Problem& problem : problems.take({})) {
    faults.push_back({"", "line " + std::to_string(problem.where.line) + ", column " +
                              std::to_string(problem.where.column) + ": " + problem.text});
  }
  if (faults.empty()) faults.push_back({"", "the settings of an entry are a JSON object"});
  return faults;
}

// The whole settings file of a daemon that has this entry and nothing else.
std::string file_text(const std::string& directory, const std::string& plugin, Node entry) {
  if (entry.find("plugin") == nullptr) entry.members.push_back({"plugin", {}, text_node(plugin)});
  std::string providers, folder;
  settings::append_canonical(providers, object_with(plugin, std::move(entry)));
  settings::append_canonical(folder, text_node(directory + "/plugins"));
  return R"({"plugins":{"directories":[)" + folder + R"(],"allowOwnUser":true},"config":{"files":[]},)" +
         R"("identityProviders":)" + providers + "}";
}

}  // namespace

Fault as_fault(const settings::Problem& problem, const std::string& entry_name) {
  const std::string prefix = "identityProviders." + entry_name;
  std::string setting = problem.path;
  if (setting.starts_with(prefix)) setting.erase(0, prefix.size());
  if (setting.starts_with('.')) setting.erase(0, 1);
  return {std::move(setting), problem.text, problem.severity == settings::Severity::kWarning};
}

bool has_fault(const std::vector<Fault>& faults) noexcept {
  return std::any_of(faults.begin(), faults.end(), [](const Fault& fault) { return !fault.is_warning; });
}

Entry read_entry(const std::string& directory, const std::string& plugin, std::string_view json,
                 settings::PluginSchemas& schemas) {
  settings::Problems problems;
  auto parsed = settings::parse_json(json, std::make_shared<const std::string>("settings"), problems);
  if (!parsed || !parsed->is_object() || problems.has_faults()) return {nullptr, syntax_faults(problems)};

  settings::LoadRequest request;
  request.config_file = directory + "/settings.json";
  request.plugin_schemas = &schemas;
  const auto written = base::replace_file(request.config_file, file_text(directory, plugin, std::move(*parsed)), 0600);
  if (!written) return {nullptr, {{"", written.error().text}}};
  settings::LoadOutcome outcome = settings::load(request);
  Entry entry{std::move(outcome.settings), {}};
  for (const settings::Problem& problem : outcome.problems) entry.faults.push_back(as_fault(problem, plugin));
  return entry;
}

}  // namespace bearerd::testing
