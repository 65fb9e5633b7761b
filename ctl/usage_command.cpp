#include <Poco/JSON/Object.h>

#include <string>

#include "ctl/paged_list.hpp"

namespace bearerd::ctl {
namespace {

using Poco::Dynamic::Var;
using Poco::JSON::Object;

constexpr std::size_t kCallerSize = 43;

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

// The daemon refuses what is no caller; this keeps what could be more than a value out of the address.
bool is_caller(const std::string& text) {
  return text.size() == kCallerSize &&
         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
             std::string::npos;
}

}  // namespace

int run_usage(const CommandLine& line, Output& output) {
  if (!line.arguments.empty() && !is_caller(line.arguments.front()))
    return report_trouble("a caller is the 43 characters of X-Bearerd-Caller", output);
  const std::string first = line.arguments.empty() ? "limit=200" : "caller=" + line.arguments.front();
  return print_pages(line, {"/v1/usage", "usage", first, is_caller, append_rows},
                     {{{"CALLER"}, {"DEPLOYMENT"}, {"WINDOW"}, {"USED"}, {"LIMIT"}, {"LEFT"}}}, output);
}

}  // namespace bearerd::ctl
