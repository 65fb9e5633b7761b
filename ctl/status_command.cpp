#include <Poco/JSON/Array.h>

#include <algorithm>
#include <cstdio>
#include <ostream>

#include "base/reason.hpp"
#include "ctl/answer_text.hpp"
#include "ctl/commands.hpp"
#include "ctl/provider_commands.hpp"
#include "ctl/show.hpp"

namespace bearerd::ctl {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

void print_line(Output& output, std::string_view label, const std::string& text, Colour colour = Colour::kNone) {
  constexpr std::size_t kLabelWidth = 11;
  output.out << labelled(output.look, label, kLabelWidth, text, colour);
}

// Of many the first and the last: the static settings come first, the dynamic ones last.
std::string files_text(const Array& files) {
  constexpr std::size_t kShown = 8;
  const std::size_t left_out = files.size() > kShown ? files.size() - kShown : 0;
  std::string text;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const bool is_gap = left_out > 0 && i == kShown / 2;
    if (is_gap) i += left_out;
    text += (i == 0 ? "" : ", ") + (is_gap ? "… " + std::to_string(left_out) + " more …, " : std::string()) +
            printable(files.getElement<std::string>(static_cast<unsigned>(i)));
  }
  return text;
}

std::string reload_text(const Object::Ptr& reload) {
  if (!reload) return "not known: the daemon is at something that takes long";
  const std::string problems = problems_text(*reload);
  std::string text = text_of(*reload, "result") + " " + age(text_of(*reload, "at"));
  return problems.empty() ? text : text + ", " + problems + ": bearerctl reload prints them";
}

// The most frequent refusals first, as many as fit a line or so.
std::string refusals_text(const Object& decisions) {
  constexpr std::size_t kShown = 6;
  std::vector<std::pair<long long, std::string>> refusals;
  for (const auto& [reason, count] : decisions) {
    if (reason != base::name(base::Reason::kOk)) refusals.emplace_back(number_of(decisions, reason), printable(reason));
  }
  if (refusals.empty()) return "none since the start";
  std::sort(refusals.begin(), refusals.end(), std::greater<>());
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, refusals.size()); ++i) {
    text += (i == 0 ? "" : ", ") + refusals[i].second + " " + std::to_string(refusals[i].first);
  }
  return text + (refusals.size() > kShown ? ", …" : "");
}

void print_decisions(const Object& status, Output& output) {
  const Object::Ptr decisions = status.getObject("decisions");
  if (!decisions) return;
  char rate[32];
  std::snprintf(rate, sizeof rate, "%.1f", status.optValue<double>("decisions_per_second", 0));
  print_line(output, "decisions",
             std::string(rate) + " a second; " + std::to_string(number_of(*decisions, "ok")) + " allowed");
  print_line(output, "refusals", refusals_text(*decisions));
}

void print_state(const Object& status, Output& output) {
  const bool is_ready = flag_of(status, "ready");
  const Array::Ptr warnings = status.getArray("warnings");
  const long long count = warnings ? static_cast<long long>(warnings->size()) : 0;
  std::string text = is_ready ? "ready" : "not ready";
  if (count > 0) text += ", " + counted(count, "warning") + " (at the end)";
  const Colour colour = count > 0 ? Colour::kOdd : Colour::kGood;
  print_line(output, "state", text, is_ready ? colour : Colour::kBad);
}

void print_summary(const Object& status, Output& output) {
  const Object::Ptr generations = status.getObject("generations");
  const Object::Ptr reload = status.getObject("last_reload");
  print_line(output, "bearerd",
             text_of(status, "version") + " (" + text_of(status, "revision") + "), pid " +
                 std::to_string(number_of(status, "pid")) + ", up " +
                 duration_text(number_of(status, "uptime_seconds")));
  print_state(status, output);
  if (generations) {
    print_line(output, "settings",
               "generation " + std::to_string(number_of(*generations, "static")) + " static, " +
                   std::to_string(number_of(*generations, "dynamic")) + " dynamic");
  }
  const Array::Ptr files = status.getArray("files");
  if (files && !files->empty()) print_line(output, "files", files_text(*files));
  const bool is_refused = reload && text_of(*reload, "result") == "refused";
  print_line(output, "reload", reload_text(reload), is_refused ? Colour::kBad : Colour::kNone);
  print_line(output, "listeners", joined(status, "listeners"));
  print_decisions(status, output);
  print_line(output, "cache", std::to_string(number_of(status, "cached_verdicts")) + " verified tokens remembered");
  const long long revoked = number_of(status, "revocations");
  if (revoked > 0) print_line(output, "revoked", counted(revoked, "revocation") + " in force: bearerctl revocations");
  const long long dropped = number_of(status, "dropped_log_lines");
  print_line(output, "log", std::to_string(dropped) + " lines dropped; " + log_level_text(status),
             dropped > 0 ? Colour::kOdd : Colour::kNone);
}

void print_warnings(const Object& status, Output& output) {
  constexpr std::string_view kLabel = "warning: ";
  const Array::Ptr warnings = status.getArray("warnings");
  for (std::size_t i = 0; warnings && i < warnings->size(); ++i) {
    const std::string text = printable(warnings->getElement<std::string>(static_cast<unsigned>(i)));
    output.out << labelled(output.look, kLabel, kLabel.size(), text, Colour::kOdd);
  }
}

void print_status(const Object& status, Output& output) {
  print_summary(status, output);
  const Array::Ptr providers = status.getArray("providers");
  if (providers && !providers->empty()) output.out << '\n' << providers_table(output.look, status);
  print_warnings(status, output);
}

}  // namespace

int run_status(const CommandLine& line, Output& output) {
  const auto answer = ask(line, {"GET", "/v1/status"}, output);
  if (!answer) return answer.error();
  print_answer(line, *answer, output, print_status);
  return flag_of(*answer->object, "ready") ? kYes : kNo;
}

}  // namespace bearerd::ctl
