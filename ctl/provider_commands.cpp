#include "ctl/provider_commands.hpp"

#include <ostream>

#include "ctl/answer_text.hpp"
#include "ctl/commands.hpp"
#include "ctl/show.hpp"

namespace bearerd::ctl {
namespace {

using Poco::JSON::Object;

Cell state_cell(const Object& provider) {
  const std::string readiness = text_of(provider, "readiness");
  if (flag_of(provider, "stale")) return {readiness + ", stale keys", Colour::kOdd};
  if (readiness == "ready") return {readiness, Colour::kGood};
  return {readiness, readiness == "failed" ? Colour::kBad : Colour::kOdd};
}

std::string note_of(const Object& provider) {
  std::string note = flag_of(provider, "optional") ? "optional" : "";
  const auto add = [&](const std::string& text) {
    if (!text.empty()) note += (note.empty() ? "" : "; ") + text;
  };
  const std::string why = text_of(provider, "why");
  add(why.empty() ? text_of(provider, "last_error") : why);
  const bool is_idle = provider.has("allowed") && number_of(provider, "allowed") == 0;
  if (is_idle && text_of(provider, "readiness") == "ready") add("has let nobody in since the start");
  const std::string unchecked = provider.has("unchecked") ? joined(provider, "unchecked") : std::string();
  if (!unchecked.empty()) add("does not check: " + unchecked);
  return note;
}

// When a provider's keys were fetched, where there is something to fetch.
std::string fetched_text(const Object& provider) {
  const std::string last_success = text_of(provider, "last_success");
  if (!last_success.empty()) return age(last_success);
  if (number_of(provider, "keys") > 0) return "from files";
  return text_of(provider, "readiness") == "ready" ? "-" : "never";
}

void print_field(Output& output, const std::string& label, const std::string& value, Colour colour = Colour::kNone) {
  constexpr std::size_t kLabelWidth = 13;
  output.out << labelled(output.look, label, kLabelWidth, value.empty() ? "-" : value, colour);
}

// "jwks.json: 2 keys (2026-01, 2026-02)"
std::string source_text(const Object& source) {
  const std::string url = text_of(source, "url"), files = joined(source, "files"), kids = joined(source, "kids");
  return (!url.empty()    ? url
          : files.empty() ? "files"
                          : files) +
         ": " + counted(number_of(source, "keys"), "key") + (kids.empty() ? "" : " (" + kids + ")") +
         (flag_of(source, "from_disk") ? ", the copy on disk" : "");
}

void print_provider(const Object& provider, Output& output) {
  const Cell state = state_cell(provider);
  const std::string why = text_of(provider, "why");
  print_field(output, "provider", text_of(provider, "name"));
  print_field(output, "plugin", text_of(provider, "plugin") + " " + text_of(provider, "plugin_version"));
  print_field(output, "state", state.text + (why.empty() ? "" : ": " + why), state.colour);
  print_field(output, "keys", std::to_string(number_of(provider, "keys")));
  print_field(output, "fetched", fetched_text(provider));
  print_field(output, "last error", text_of(provider, "last_error"));
  print_field(output, "issuers", joined(provider, "issuers"));
  print_field(output, "pattern", text_of(provider, "issuer_pattern"));
  print_field(output, "audiences", joined(provider, "audiences"));
  print_field(output, "algorithms", joined(provider, "algorithms"));
  const std::string unchecked = joined(provider, "unchecked");
  print_field(output, "not checked", unchecked.empty() ? "nothing is left out" : unchecked,
              unchecked.empty() ? Colour::kNone : Colour::kOdd);
  print_field(output, "optional", flag_of(provider, "optional") ? "yes" : "no");
  for_each_object(provider, "sources",
                  [&](const Object& source) { print_field(output, "keys from", source_text(source)); });
}

Call call_about(const CommandLine& line, const std::string& method, const std::string& action = {}) {
  return {method, "/v1/providers/" + path_segment(line.arguments.front()) + action};
}

Refuse refusal_about(const CommandLine& line) {
  return [name = line.arguments.front()](const ApiAnswer& answer, Output& output) {
    return is_no_provider(answer) ? report_no_provider(name, answer, output) : report_refusal(answer, output);
  };
}

int need_name(const CommandLine& line, Output& output) {
  return report_trouble("write: bearerctl " + printable(line.words.front()) + " NAME", output);
}

int run_switch(const CommandLine& line, Output& output, const std::string& action, const std::string& told) {
  if (line.arguments.empty()) return need_name(line, output);
  const Print print = [&](const Object& answer, Output&) { output.out << text_of(answer, "name") << told << '\n'; };
  return show(line, call_about(line, "POST", "/" + action), output, print, refusal_about(line));
}

void print_providers(const Object& answer, Output& output) { output.out << providers_table(output.look, answer); }

void print_refreshed(const Object& answer, Output& output) {
  const std::string result = text_of(answer, "result");
  const Object::Ptr provider = answer.getObject("provider");
  if (!provider) return;
  if (result == "fetched") {
    output.out << "fetched: " << counted(number_of(*provider, "keys"), "key") << '\n';
  } else if (result == "nothing_to_fetch") {
    output.out << "there is nothing to fetch: its keys are from files, which a reload reads\n";
  } else if (result == "pending") {
    output.err << "bearerctl: the issuer has not answered yet; bearerctl providers tells when it has\n";
  } else {
    output.err << "bearerctl: the fetch failed: " << text_of(*provider, "last_error") << '\n';
  }
}

}  // namespace

bool is_no_provider(const ApiAnswer& answer) {
  return answer.object && text_of(*answer.object, "code") == "unknown_provider";
}

int report_no_provider(const std::string& name, const ApiAnswer& answer, Output& output) {
  const std::string names = text_of(*answer.object, "detail");
  output.err << "bearerctl: there is no provider " << printable(name) << "; "
             << (names.empty() ? "bearerctl providers lists them" : names) << '\n';
  return kNo;
}

std::string providers_table(const Look& look, const Object& answer) {
  std::vector<std::vector<Cell>> rows{{{"PROVIDER"}, {"PLUGIN"}, {"STATE"}, {"KEYS"}, {"FETCHED"}, {"NOTE"}}};
  for_each_object(answer, "providers", [&](const Object& provider) {
    rows.push_back({{text_of(provider, "name")},
                    {text_of(provider, "plugin") + " " + text_of(provider, "plugin_version")},
                    state_cell(provider),
                    {std::to_string(number_of(provider, "keys"))},
                    {fetched_text(provider)},
                    {note_of(provider)}});
  });
  return table(look, rows);
}

int run_providers(const CommandLine& line, Output& output) {
  if (line.arguments.empty()) return show(line, {"GET", "/v1/providers"}, output, print_providers);
  return show(line, call_about(line, "GET"), output, print_provider, refusal_about(line));
}

int run_refresh(const CommandLine& line, Output& output) {
  if (line.arguments.empty()) return need_name(line, output);
  const auto answer = ask(line, call_about(line, "POST", "/refresh"), output, refusal_about(line));
  if (!answer) return answer.error();
  print_answer(line, *answer, output, print_refreshed);
  const std::string result = text_of(*answer->object, "result");
  return result == "fetched" || result == "nothing_to_fetch" ? kYes : kNo;
}

int run_disable(const CommandLine& line, Output& output) {
  return run_switch(line, output, "disable", " is switched off: its tokens get 503, also after a restart");
}

int run_enable(const CommandLine& line, Output& output) {
  return run_switch(line, output, "enable", " is switched on: its tokens are looked at again");
}

}  // namespace bearerd::ctl
