#include <Poco/JSON/Array.h>

#include <ostream>

#include "ctl/answer_text.hpp"
#include "ctl/api_client.hpp"
#include "ctl/commands.hpp"

namespace bearerd::ctl {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

constexpr int kHttpOk = 200, kHttpUnprocessable = 422;

void print_needs_restart(const Object& answer, Output& output) {
  const Array::Ptr paths = answer.getArray("needs_restart");
  for (std::size_t i = 0; paths && i < paths->size(); ++i) {
    output.err << printable(paths->getElement<std::string>(static_cast<unsigned>(i)))
               << ": changed, but read at start only: restart bearerd to apply it\n";
  }
}

std::string outcome(const Object& answer) {
  const bool is_applied = answer.optValue<std::string>("result", "") == "applied";
  std::string text = is_applied ? "the new settings are served" : "nothing has changed";
  const Object::Ptr generations = answer.getObject("generations");
  if (generations) {
    text += " (generation " + std::to_string(generations->optValue<Poco::Int64>("static", 0)) + " static, " +
            std::to_string(generations->optValue<Poco::Int64>("dynamic", 0)) + " dynamic)";
  }
  return text;
}

}  // namespace

std::size_t print_problems(const Object& answer, Output& output) {
  std::size_t count = 0;
  for_each_problem(answer, [&](const Object& problem) {
    output.err << text_of(problem, "display") << '\n';
    ++count;
  });
  return count;
}

int run_reload(const CommandLine& line, Output& output) {
  const auto answer = call_api(line.socket, "POST", "/v1/reload");
  if (!answer) return report_trouble(answer.error().text, output);
  const bool is_refused = answer->status == kHttpUnprocessable;
  if (answer->status != kHttpOk && !is_refused) return report_refusal(*answer, output);
  static_cast<void>(print_problems(*answer->object, output));
  print_needs_restart(*answer->object, output);
  if (line.wants_json) {
    output.out << answer->text << '\n';
  } else if (is_refused) {
    output.err << "bearerctl: the settings have faults; the daemon goes on with what it had\n";
  } else {
    output.out << outcome(*answer->object) << '\n';
  }
  return is_refused ? kNo : kYes;
}

}  // namespace bearerd::ctl
