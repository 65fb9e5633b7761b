#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <filesystem>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "base/ascii.hpp"
#include "base/file.hpp"
#include "ctl/answer_text.hpp"
#include "ctl/commands.hpp"
#include "ctl/show.hpp"

namespace bearerd::ctl {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

constexpr std::size_t kMaxFileBytes = 4 * 1024 * 1024;

// Why a decision could not be made anew, for people.
std::string doubt_text(const std::string& name) {
  if (name == "no_question") return "refused before the request was understood";
  if (name == "too_long") return "too long to be kept whole";
  if (name == "provider_differs")
    return "their provider's entry is another than then: whether their tokens would pass is not known";
  if (name == "providers_differ")
    return "the providers are others than then, and their tokens may belong to another one";
  if (name == "api_keys_differ")
    return "keys or apiKeyValidation are others than then; which key and from where is not kept";
  if (name == "claim_not_kept") return "they hang on a claim that is kept only as a hash, or not at all";
  if (name == "use_not_counted") return "they hang on a limit whose use was not counted";
  return printable(name);
}

std::string time_of_day(const std::string& time) {
  // 2026-11-26T01:02:03.000000Z
  return time.size() >= 19 ? time.substr(11, 8) : time;
}

std::string place_of(const Object& change) {
  const std::string deployment = text_of(change, "deployment");
  const std::string route = text_of(change, "route");
  if (!deployment.empty()) return "deployment " + deployment;
  return route.empty() ? "(no rule)" : "route " + route;
}

std::string joined(const Array::Ptr& texts) {
  std::string text;
  for (std::size_t i = 0; texts && i < texts->size(); ++i)
    text += (i == 0 ? "" : ",") + printable(texts->getElement<std::string>(static_cast<unsigned>(i)));
  return text.empty() ? "(none)" : text;
}

std::string example_of(const Object& change) {
  const Object::Ptr last = change.getObject("last");
  if (!last) return {};
  const std::string path = text_of(*last, "path");
  const std::string what = path.empty() ? text_of(*last, "resource") : text_of(*last, "method") + " " + path;
  return time_of_day(text_of(*last, "at")) + " " + what;
}

// "allow" or "deny no_role".
std::string decision_of(const Object& change, const std::string& side) {
  const Object::Ptr decision = change.getObject(side);
  if (!decision) return {};
  const std::string kind = text_of(*decision, "decision");
  return kind == "allow" ? kind : kind + " " + text_of(*decision, "reason");
}

void print_changes(const Object& comparison, Output& output) {
  const Array::Ptr changes = comparison.getArray("changes");
  if (!changes || changes->empty()) return;
  std::vector<std::vector<Cell>> rows{
      {{"COUNT"}, {"USERS"}, {"NOW"}, {"THEN"}, {"WHERE"}, {"PROVIDER"}, {"ROLES"}, {"LAST"}}};
  for (std::size_t i = 0; i < changes->size(); ++i) {
    const Object::Ptr change = changes->getObject(static_cast<unsigned>(i));
    if (!change) continue;
    const std::string after = decision_of(*change, "after");
    rows.push_back({{text_of(*change, "count")},
                    {text_of(*change, "users")},
                    {decision_of(*change, "before")},
                    {after, after == "allow" ? Colour::kOdd : Colour::kBad},
                    {place_of(*change)},
                    {text_of(*change, "provider")},
                    {joined(change->getArray("roles"))},
                    {example_of(*change)}});
  }
  output.out << '\n' << table(output.look, rows);
  const long long left_out = number_of(comparison, "changes_left_out");
  if (left_out > 0) output.out << "and " << counted(left_out, "decision") << " of other kinds\n";
}

std::string summary_of(const Object& comparison) {
  const long long changed = number_of(comparison, "changed");
  const long long to_deny = number_of(comparison, "allow_to_deny"), to_allow = number_of(comparison, "deny_to_allow");
  return counted(changed, "decision") + " would change: " + counted(to_deny, "allow") + " to deny, " +
         std::to_string(to_allow) + (to_allow == 1 ? " deny" : " denies") + " to allow" +
         (changed > to_deny + to_allow ? ", " + std::to_string(changed - to_deny - to_allow) + " other" : "");
}

void print_comparison(const Object& comparison, Output& output) {
  const long long compared = number_of(comparison, "compared"), unjudged = number_of(comparison, "unjudged");
  if (compared == 0) {
    output.out << paint(output.look, Colour::kOdd, "whether decisions would change is not known") << '\n';
  } else if (number_of(comparison, "changed") == 0) {
    const std::string part =
        unjudged == 0 ? std::string() : " of the " + std::to_string(compared) + " that can be judged";
    output.out << paint(output.look, unjudged == 0 ? Colour::kGood : Colour::kOdd,
                        "no decision" + part + " would change")
               << '\n';
  } else {
    output.out << paint(output.look, Colour::kOdd, summary_of(comparison)) << '\n';
  }
  print_changes(comparison, output);
  output.out << "\ncompared " << counted(compared, "decision") << ", " << time_of_day(text_of(comparison, "first"))
             << " to " << time_of_day(text_of(comparison, "last")) << " UTC";
  const long long other = number_of(comparison, "other_reason");
  if (other > 0) output.out << "; " << other << " would be refused for another reason";
  output.out << '\n';
  const long long already = number_of(comparison, "already_changed");
  if (already > 0) {
    output.out << already << " of them are answered otherwise by now: NOW is by the settings in force\n";
  }
  const Object::Ptr doubts = comparison.getObject("unjudged_by");
  if (!doubts || unjudged == 0) return;
  output.out << counted(unjudged, "decision") << " could not be judged:\n";
  for (const auto& [doubt, count] : *doubts)
    output.out << "  " << count.convert<std::string>() << ": " << doubt_text(doubt) << '\n';
}

std::string absolute_path(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

// Nothing: trouble, and told.
std::optional<Object> question_of(const CommandLine& line, Output& output) {
  Object question;
  question.set("against_recent", line.has("against-recent"));
  if (line.arguments.empty() && line.has("for")) {
    static_cast<void>(report_trouble("--for needs the FILE that is to stand for it", output));
    return std::nullopt;
  }
  if (line.arguments.empty()) return question;
  const std::string file = absolute_path(line.arguments.front());
  const auto content = base::read_file(file, kMaxFileBytes);
  if (!content) {
    static_cast<void>(report_trouble(content.error().text, output));
    return std::nullopt;
  }
  const auto stands_for = line.option("for");
  Object files;
  files.set(stands_for ? absolute_path(*stands_for) : file, content->bytes);
  question.set("files", files);
  if (!stands_for) question.set("config_file", file);
  return question;
}

int conclude(const Object& answer, const CommandLine& line, Output& output) {
  const Array::Ptr unread = answer.getArray("unread_files");
  if (unread && !unread->empty()) return kTrouble;  // of what nobody reads nothing is known
  if (text_of(answer, "result") != "good") {
    output.out << paint(output.look, Colour::kBad, "the settings are refused") << '\n';
    return kNo;
  }
  const Array::Ptr problems = answer.getArray("problems");
  const auto warnings = static_cast<long long>(problems ? problems->size() : 0);
  output.out << (warnings == 0
                     ? paint(output.look, Colour::kGood, "the settings are good")
                     : paint(output.look, Colour::kOdd, "the settings are good, with " + counted(warnings, "warning")))
             << '\n';
  const Array::Ptr restart = answer.getArray("needs_restart");
  for (std::size_t i = 0; restart && i < restart->size(); ++i) {
    output.err << printable(restart->getElement<std::string>(static_cast<unsigned>(i)))
               << ": differs, but is read at start only\n";
  }
  if (!line.has("against-recent")) return kYes;
  const Object::Ptr comparison = answer.getObject("comparison");
  if (!comparison || number_of(*comparison, "compared") + number_of(*comparison, "unjudged") == 0) {
    return report_trouble("there are no recent decisions to compare with; " + how_to_keep_decisions(line.socket),
                          output);
  }
  print_comparison(*comparison, output);
  if (number_of(*comparison, "changed") > 0) return kNo;
  const long long unjudged = number_of(*comparison, "unjudged");
  if (unjudged == 0) return kYes;
  return report_trouble("of " + counted(unjudged, "recent decision") + " nobody knows whether they would change",
                        output);
}

// A fault is in the file that was given, and not in the one that it stands for.
void name_candidate(Object& answer, const CommandLine& line) {
  const auto stands_for = line.option("for");
  const Array::Ptr problems = answer.getArray("problems");
  if (!stands_for || !problems) return;
  const std::string from = absolute_path(*stands_for) + ":";
  for (std::size_t i = 0; i < problems->size(); ++i) {
    Object::Ptr problem = problems->getObject(static_cast<unsigned>(i));
    const std::string display = problem ? problem->optValue<std::string>("display", "") : std::string();
    const bool has_line =
        display.size() > from.size() && display.starts_with(from) && base::is_digit(display[from.size()]);
    if (has_line) problem->set("display", line.arguments.front() + display.substr(from.size() - 1));
  }
}

}  // namespace

int run_check(const CommandLine& line, Output& output) {
  const auto question = question_of(line, output);
  if (!question) return kTrouble;
  std::ostringstream body;
  question->stringify(body);
  auto answer = ask(line, {"POST", "/v1/settings/check", body.str()}, output);
  if (!answer) return answer.error();
  Object& checked = *answer->object;
  if (line.wants_json) {
    output.out << answer->text << '\n';
    std::ostringstream nowhere;
    Output silent{nowhere, output.err, {}};
    return conclude(checked, line, silent);
  }
  name_candidate(checked, line);
  static_cast<void>(print_problems(checked, output));
  if (!line.arguments.empty() && !line.has("for") && flag_of(checked, "partial"))
    output.err << "to try one of the dynamic files: --for PATH, the path that the daemon reads it from\n";
  return conclude(checked, line, output);
}

}  // namespace bearerd::ctl
