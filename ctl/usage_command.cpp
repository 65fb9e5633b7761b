#include <Poco/JSON/Array.h>

#include <ostream>

#include "ctl/api_client.hpp"
#include "ctl/commands.hpp"

namespace bearerd::ctl {
namespace {

using Poco::Dynamic::Var;
using Poco::JSON::Array;
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

int trouble(Output& output, const std::string& text) {
  output.err << "bearerctl: " << text << '\n';
  return kTrouble;
}

}  // namespace

int run_usage(const CommandLine& line, Output& output) {
  if (!line.arguments.empty() && !is_caller(line.arguments.front()))
    return trouble(output, "a caller is the 43 characters of X-Bearerd-Caller");
  const std::string first = line.arguments.empty() ? "limit=200" : "caller=" + line.arguments.front();
  std::vector<std::vector<Cell>> rows{{{"CALLER"}, {"DEPLOYMENT"}, {"WINDOW"}, {"USED"}, {"LIMIT"}, {"LEFT"}}};
  for (std::string query = first; !query.empty();) {
    const auto answer = call_api(line.socket, "GET", "/v1/usage?" + query);
    if (!answer) return trouble(output, answer.error().text);
    if (answer->status != 200) return report_refusal(*answer, output);
    // A page a line: a reader takes them as they come.
    if (line.wants_json) output.out << answer->text << '\n';
    const Array::Ptr usage = answer->object->getArray("usage");
    for (std::size_t i = 0; usage && i < usage->size(); ++i) {
      if (const Object::Ptr row = usage->getObject(static_cast<unsigned>(i))) append_rows(*row, rows);
    }
    const std::string next = answer->object->optValue<std::string>("next", "");
    query = is_caller(next) ? "limit=200&after=" + next : std::string();
  }
  if (!line.wants_json) output.out << table(output.look, rows);
  return kYes;
}

}  // namespace bearerd::ctl
