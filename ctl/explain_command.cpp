#include <Poco/JSON/Array.h>

#include <algorithm>
#include <ostream>
#include <set>
#include <sstream>
#include <string>

#include "base/secret.hpp"
#include "ctl/answer_text.hpp"
#include "ctl/commands.hpp"
#include "ctl/show.hpp"
#include "ctl/token_input.hpp"

namespace bearerd::ctl {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

constexpr std::size_t kNameWidth = 17, kIndent = kNameWidth + 2;

// With a break before the line is full, indented.
void print_wrapped(Output& output, std::string_view text, std::size_t indent, Colour colour = Colour::kNone) {
  constexpr std::size_t kLeast = 20;
  const std::size_t width = output.look.width > indent + kLeast ? output.look.width - indent : 0;
  bool is_first = true;
  for (const std::string_view line : lines_of(text, width)) {
    output.out << std::string(is_first ? 0 : indent, ' ') << paint(output.look, colour, line) << '\n';
    is_first = false;
  }
}

// Whether the details of a check that has not failed are a part of the answer.
bool is_telling(const Object& step, const Array& details) {
  constexpr std::size_t kFewRoutes = 10;
  const std::string check = text_of(step, "check");
  const bool is_about_no_route = check == "route" && text_of(step, "outcome") == "not_asked";
  return check == "permission" || check == "limits" || (is_about_no_route && details.size() <= kFewRoutes);
}

void print_step(const Object& step, bool has_details, Output& output) {
  const std::string outcome = text_of(step, "outcome");
  const bool is_failed = outcome == "failed";
  const bool is_passed = outcome == "passed";
  const Colour colour = is_failed ? Colour::kBad : is_passed ? Colour::kGood : Colour::kDim;
  std::string check = text_of(step, "check");
  check.resize(std::max(kNameWidth, check.size() + 1), ' ');
  output.out << paint(output.look, colour, is_failed ? "✗" : is_passed ? "✓" : "-") << ' ' << check;
  print_wrapped(output, text_of(step, "why"), kIndent, is_failed ? Colour::kBad : Colour::kNone);
  const Array::Ptr details = step.getArray("details");
  if (!details || !(has_details || is_failed || is_telling(step, *details))) return;
  for (std::size_t i = 0; i < details->size(); ++i) {
    output.out << std::string(kIndent, ' ');
    print_wrapped(output, "· " + printable(details->getElement<std::string>(static_cast<unsigned>(i))), kIndent + 2,
                  Colour::kDim);
  }
}

// One number where all endpoints answer the same.
std::string statuses_text(const Object::Ptr& by_endpoint) {
  std::set<std::string> numbers;
  std::string text;
  for (const auto& [endpoint, status] : by_endpoint ? *by_endpoint : Object()) {
    numbers.insert(printable(status.convert<std::string>()));
    text += (text.empty() ? "" : ", ") + printable(endpoint) + " " + printable(status.convert<std::string>());
  }
  return numbers.size() == 1 ? *numbers.begin() : text;
}

void print_verdict(const Object& answer, Output& output) {
  const std::string decision = text_of(answer, "decision");
  const Colour colour = decision == "allow" ? Colour::kGood : decision == "deny" ? Colour::kBad : Colour::kOdd;
  const std::string statuses = statuses_text(answer.getObject("statuses"));
  output.out << '\n' << paint(output.look, colour, decision + ": " + text_of(answer, "reason"));
  if (!statuses.empty()) output.out << " (" << statuses << ")";
  if (!answer.isNull("retry_after"))
    output.out << ", ask again in " << printable(answer.optValue<std::string>("retry_after", "")) << " s";
  output.out << '\n';
}

// "allow" is about less than the operator may think when nothing was asked for.
void print_what_was_asked(const Object& question, const Object& answer, Output& output) {
  if (question.has("resource") || question.has("uri") || text_of(answer, "decision") != "allow") return;
  output.out
      << "Only the credential was asked about. --resource NAME asks for a deployment, such as a model; --uri URI for "
         "what a proxy would ask.\n";
}

void print_explanation(const Object& answer, bool has_details, Output& output) {
  const Array::Ptr steps = answer.getArray("steps");
  std::string not_reached;
  for (std::size_t i = 0; steps && i < steps->size(); ++i) {
    const Object::Ptr step = steps->getObject(static_cast<unsigned>(i));
    if (!step) continue;
    if (text_of(*step, "outcome") != "not_reached") {
      print_step(*step, has_details, output);
    } else {
      not_reached += (not_reached.empty() ? "" : ", ") + text_of(*step, "check");
    }
  }
  if (!not_reached.empty() && has_details) {
    output.out << "  not reached: ";
    print_wrapped(output, not_reached, kIndent, Colour::kDim);
  }
  print_verdict(answer, output);
}

// Every text of the answer was made without the values of claims.
void print_what_is_hidden(const Object& question, const std::string& answer, Output& output) {
  if (question.has("claims") || answer.find("not shown") == std::string::npos) return;
  output.out << paint(output.look, Colour::kDim,
                      "--show-claims shows what the token says, to who has the right \"admin\".")
             << '\n';
}

// A file that an operator looks at may not be what the daemon has.
void print_pending(const std::string& socket, Output& output) {
  const auto status = call_api(socket, "GET", "/v1/status");
  const Object::Ptr reload = status && status->object ? status->object->getObject("last_reload") : nullptr;
  if (!reload || text_of(*reload, "result") != "refused") return;
  output.out << paint(output.look, Colour::kOdd,
                      "warning: the last reload was refused; this is by older settings. bearerctl reload says why")
             << '\n';
}

int explain(const Object& question, const CommandLine& line, Output& output) {
  std::ostringstream body;
  question.stringify(body);
  Call call{"POST", "/v1/explain", std::move(body).str()};
  const auto answer = ask(line, call, output);
  base::wipe(call.body);
  if (!answer) return answer.error();
  print_answer(line, *answer, output, [&](const Object& object, Output&) {
    print_explanation(object, line.has("details"), output);
    print_what_is_hidden(question, answer->text, output);
    print_pending(line.socket, output);
    print_what_was_asked(question, object, output);
  });
  const std::string decision = text_of(*answer->object, "decision");
  return decision == "allow" ? kYes : decision == "deny" ? kNo : kTrouble;
}

Object question_of(const CommandLine& line) {
  Object question;
  for (const char* name : {"endpoint", "method", "uri", "host", "resource"}) {
    if (const auto value = line.option(name)) question.set(name, *value);
  }
  if (const auto address = line.option("client-address")) question.set("client_address", *address);
  if (const auto list = line.option("forwarded-for")) question.set("forwarded_for", *list);
  if (line.has("show-claims")) question.set("claims", true);
  return question;
}

}  // namespace

int run_explain(const CommandLine& line, Output& output) {
  if (line.has("resource") && line.has("uri"))
    return report_trouble("--resource names the deployment itself, --uri has it found by its path: give one of them",
                          output);
  Object question = question_of(line);
  if (line.has("no-token")) return explain(question, line, output);
  const auto given = read_token(line, output);
  if (!given) return report_trouble(given.error().text, output);
  const bool is_key = line.has("api-key");
  std::string credential(is_key ? without_space(given->as_text()) : bare_token(given->as_text()));
  if (credential.empty()) return report_trouble("there is no token; --no-token asks without one", output);
  question.set(is_key ? "api_key" : "token", credential);
  base::wipe(credential);
  return explain(question, line, output);
}

}  // namespace bearerd::ctl
