#include <Poco/JSON/Object.h>
#include <Poco/JSON/Stringifier.h>

#include <ostream>
#include <sstream>

#include "base/text.hpp"
#include "ctl/answer_text.hpp"
#include "ctl/commands.hpp"
#include "ctl/show.hpp"

namespace bearerd::ctl {
namespace {

using Poco::JSON::Object;

constexpr int kInvalid = 422;

Colour colour_of(const std::string& result) {
  if (result == "refused") return Colour::kBad;
  return result == "applied" ? Colour::kGood : Colour::kNone;
}

void append_reload(const Object& reload, std::vector<std::vector<Cell>>& rows) {
  std::string gravest;
  std::size_t count = 0;
  bool is_fault = false;
  // The first fault, which a reload prints first, too.
  for_each_problem(reload, [&](const Object& problem) {
    const bool is_first_fault = !is_fault && text_of(problem, "severity") != "warning";
    if (count++ == 0 || is_first_fault) gravest = text_of(problem, "display");
    is_fault = is_fault || is_first_fault;
  });
  if (count > 1) gravest += " (of " + problems_text(reload) + ")";
  const Object::Ptr generations = reload.getObject("generations");
  const std::string result = text_of(reload, "result");
  rows.push_back({{text_of(reload, "at").substr(0, 19) + "Z"},
                  {text_of(reload, "cause")},
                  {result, colour_of(result)},
                  {generations ? std::to_string(number_of(*generations, "static")) + "/" +
                                     std::to_string(number_of(*generations, "dynamic"))
                               : std::string("-")},
                  {gravest}});
}

void print_reloads(const Object& answer, Output& output) {
  std::vector<std::vector<Cell>> rows{{{"TIME"}, {"CAUSE"}, {"RESULT"}, {"GENERATION"}, {"PROBLEM"}}};
  for_each_object(answer, "reloads", [&](const Object& reload) { append_reload(reload, rows); });
  output.out << table(output.look, rows);
}

void print_settings(const Object& answer, Output& output) {
  answer.stringify(output.out, 2);
  output.out << '\n';
}

void print_flushed(const Object& answer, Output& output) {
  output.out << "forgotten: " << counted(number_of(answer, "verdicts"), "verified token") << '\n';
}

void print_log_level(const Object& answer, Output& output) {
  const long long seconds = number_of(answer, "seconds");
  output.out << "logging from " << text_of(answer, "level") << " on, "
             << (seconds > 0 ? "for " + duration_text(seconds) : std::string("until the next restart")) << '\n';
}

void print_level_in_force(const Object& status, Output& output) { output.out << log_level_text(status) << '\n'; }

void print_log_level_reset(const Object&, Output& output) { output.out << "logging as the settings say\n"; }

int refuse_log_level(const ApiAnswer& answer, Output& output) {
  if (answer.status != kInvalid || !answer.object) return report_refusal(answer, output);
  output.err << "bearerctl: nothing was changed: " << text_of(*answer.object, "detail") << '\n';
  return kNo;
}

}  // namespace

int run_reloads(const CommandLine& line, Output& output) {
  return show(line, {"GET", "/v1/reloads"}, output, print_reloads);
}

int run_settings(const CommandLine& line, Output& output) {
  return show(line, {"GET", "/v1/settings"}, output, print_settings);
}

std::string log_level_text(const Object& status) {
  const bool is_set = flag_of(status, "log_level_set");
  return "logging from " + text_of(status, "log_level") + " on" +
         (is_set ? ", as a call set it (bearerctl log-level reset)" : "");
}

int run_log_level(const CommandLine& line, Output& output) {
  if (line.arguments.empty()) return show(line, {"GET", "/v1/status"}, output, print_level_in_force);
  Object wish;
  const bool is_back = line.arguments.front() == "reset";
  wish.set("level", is_back ? Poco::Dynamic::Var() : Poco::Dynamic::Var(line.arguments.front()));
  if (const auto given = line.option("seconds")) {
    const auto seconds = base::parse_decimal(*given);
    if (!seconds) return report_trouble("--seconds takes a whole number", output);
    wish.set("seconds", static_cast<Poco::UInt64>(*seconds));
  }
  std::ostringstream body;
  wish.stringify(body);
  return show(line, {"PUT", "/v1/log-level", body.str()}, output, is_back ? print_log_level_reset : print_log_level,
              refuse_log_level);
}

int run_flush(const CommandLine& line, Output& output) {
  return show(line, {"POST", "/v1/cache/flush"}, output, print_flushed);
}

}  // namespace bearerd::ctl
