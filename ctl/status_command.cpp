#include <Poco/DateTime.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>
#include <Poco/JSON/Array.h>
#include <Poco/Timestamp.h>

#include <ostream>

#include "ctl/api_client.hpp"
#include "ctl/commands.hpp"

namespace bearerd::ctl {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

// Absent members read as empty: an older or newer daemon must still be shown.
std::string text_of(const Object& object, const std::string& name) {
  return object.has(name) && !object.isNull(name) ? printable(object.getValue<std::string>(name)) : std::string();
}
long long number_of(const Object& object, const std::string& name) {
  return object.has(name) && !object.isNull(name) ? object.getValue<Poco::Int64>(name) : 0;
}
bool flag_of(const Object& object, const std::string& name) { return object.optValue<bool>(name, false); }

std::string joined(const Object& object, const std::string& name) {
  std::string text;
  const Array::Ptr array = object.getArray(name);
  for (std::size_t i = 0; array && i < array->size(); ++i) {
    text += (i == 0 ? "" : ", ") + printable(array->getElement<std::string>(static_cast<unsigned>(i)));
  }
  return text;
}

// "3 min ago" from the API's RFC 3339 time.
std::string age(const std::string& time) {
  Poco::DateTime parsed;
  int zone = 0;
  if (time.empty() || !Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::ISO8601_FRAC_FORMAT, time, parsed, zone)) {
    return "never";
  }
  return duration_text((Poco::Timestamp() - parsed.timestamp()) / Poco::Timestamp::resolution()) + " ago";
}

Cell state_cell(const Object& provider) {
  const std::string readiness = text_of(provider, "readiness");
  if (flag_of(provider, "stale")) return {readiness + ", stale keys", Colour::kOdd};
  if (readiness == "ready") return {readiness, Colour::kGood};
  return {readiness, readiness == "failed" ? Colour::kBad : Colour::kOdd};
}

std::string note_of(const Object& provider) {
  std::string note = flag_of(provider, "optional") ? "optional" : "";
  const std::string error = text_of(provider, "last_error");
  if (!error.empty()) note += (note.empty() ? "" : "; ") + error;
  return note;
}

std::string providers_table(const Look& look, const Array::Ptr& providers) {
  std::vector<std::vector<Cell>> rows{{{"PROVIDER"}, {"PLUGIN"}, {"STATE"}, {"KEYS"}, {"FETCHED"}, {"NOTE"}}};
  for (std::size_t i = 0; i < providers->size(); ++i) {
    const Object::Ptr provider = providers->getObject(static_cast<unsigned>(i));
    if (!provider) continue;
    rows.push_back({{text_of(*provider, "name")},
                    {text_of(*provider, "plugin") + " " + text_of(*provider, "plugin_version")},
                    state_cell(*provider),
                    {std::to_string(number_of(*provider, "keys"))},
                    {age(text_of(*provider, "last_success"))},
                    {note_of(*provider)}});
  }
  return table(look, rows);
}

void print_line(Output& output, std::string_view label, const std::string& text, Colour colour = Colour::kNone) {
  constexpr std::size_t kLabelWidth = 11;
  std::string padded(label);
  padded.resize(kLabelWidth, ' ');
  const std::size_t room = output.look.width > kLabelWidth ? output.look.width - kLabelWidth : 0;
  output.out << padded << paint(output.look, colour, fit(text, room)) << '\n';
}

std::string reload_text(const Object::Ptr& reload) {
  if (!reload) return "none since the start";
  const Array::Ptr problems = reload->getArray("problems");
  std::string text = text_of(*reload, "result") + " " + age(text_of(*reload, "at"));
  if (!problems || problems->empty()) return text;
  return text + ", " + std::to_string(problems->size()) + " problem(s): bearerctl reload prints them";
}

void print_summary(const Object& status, Output& output) {
  const bool is_ready = flag_of(status, "ready");
  const Object::Ptr generations = status.getObject("generations");
  const Object::Ptr reload = status.getObject("last_reload");
  print_line(output, "bearerd",
             text_of(status, "version") + " (" + text_of(status, "revision") + "), pid " +
                 std::to_string(number_of(status, "pid")) + ", up " +
                 duration_text(number_of(status, "uptime_seconds")));
  print_line(output, "state", is_ready ? "ready" : "not ready", is_ready ? Colour::kGood : Colour::kBad);
  if (generations) {
    print_line(output, "settings",
               "generation " + std::to_string(number_of(*generations, "static")) + " static, " +
                   std::to_string(number_of(*generations, "dynamic")) + " dynamic");
  }
  const bool is_refused = reload && text_of(*reload, "result") == "refused";
  print_line(output, "reload", reload_text(reload), is_refused ? Colour::kBad : Colour::kNone);
  print_line(output, "listeners", joined(status, "listeners"));
  print_line(output, "cache", std::to_string(number_of(status, "cached_verdicts")) + " verified tokens remembered");
  const long long dropped = number_of(status, "dropped_log_lines");
  print_line(output, "log", std::to_string(dropped) + " lines dropped", dropped > 0 ? Colour::kOdd : Colour::kNone);
}

void print_warnings(const Object& status, Output& output) {
  const Array::Ptr warnings = status.getArray("warnings");
  for (std::size_t i = 0; warnings && i < warnings->size(); ++i) {
    const std::string text = printable(warnings->getElement<std::string>(static_cast<unsigned>(i)));
    output.out << paint(output.look, Colour::kOdd, "warning: " + text) << '\n';
  }
}

}  // namespace

int run_status(const CommandLine& line, Output& output) {
  const auto answer = call_api(line.socket, "GET", "/v1/status");
  if (!answer) return report_trouble(answer.error().text, output);
  if (answer->status != 200) return report_refusal(*answer, output);
  const Object& status = *answer->object;
  if (line.wants_json) {
    output.out << answer->text << '\n';
  } else {
    print_summary(status, output);
    const Array::Ptr providers = status.getArray("providers");
    if (providers && !providers->empty()) output.out << '\n' << providers_table(output.look, providers);
    print_warnings(status, output);
  }
  return flag_of(status, "ready") ? kYes : kNo;
}

}  // namespace bearerd::ctl
