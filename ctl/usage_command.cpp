#include <Poco/JSON/Object.h>

#include <string>

#include "ctl/answer_text.hpp"
#include "ctl/paged_list.hpp"

namespace bearerd::ctl {
namespace {

using Poco::Dynamic::Var;
using Poco::JSON::Object;

std::string number_text(const Object& window, const std::string& name) {
  const Var value = window.get(name);
  return value.isNumeric() ? value.convert<std::string>() : "-";
}

bool is_zero(const Object& window, const std::string& name) {
  const Var value = window.get(name);
  return value.isNumeric() && value.convert<double>() == 0;
}

// Windows that are neither used nor limited say nothing.
void append_rows(const Object& usage, std::vector<std::vector<Cell>>& rows) {
  const Object::Ptr windows = usage.getObject("windows");
  if (!windows) return;
  const Var deployment = usage.get("deployment");
  for (const auto& [name, value] : *windows) {
    const Object::Ptr window = windows->getObject(name);
    if (!window || (is_zero(*window, "used") && window->isNull("limit"))) continue;
    const Colour colour = is_zero(*window, "left") ? Colour::kBad : Colour::kNone;
    rows.push_back({{printable(usage.optValue<std::string>("caller", ""))},
                    {deployment.isEmpty() ? "(all)" : printable(deployment.convert<std::string>())},
                    {printable(name)},
                    {number_text(*window, "used")},
                    {number_text(*window, "limit")},
                    {number_text(*window, "left"), colour}});
  }
}

}  // namespace

int run_usage(const CommandLine& line, Output& output) {
  if (!line.arguments.empty() && !is_handle(line.arguments.front()))
    return report_trouble("a caller is the 43 characters of X-Bearerd-Caller", output);
  const std::string first = line.arguments.empty() ? "limit=200" : "caller=" + line.arguments.front();
  const PagedList list{"/v1/usage", "usage", first, is_handle, append_rows, "nothing was used yet"};
  const Cell caller{"CALLER", Colour::kNone, true}, deployment{"DEPLOYMENT", Colour::kNone, true};
  return print_pages(line, list, {{caller, deployment, {"WINDOW"}, {"USED"}, {"LIMIT"}, {"LEFT"}}}, output);
}

}  // namespace bearerd::ctl
