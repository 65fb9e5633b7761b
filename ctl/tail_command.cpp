#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <chrono>
#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <utility>

#include "base/text.hpp"
#include "ctl/answer_text.hpp"
#include "ctl/commands.hpp"
#include "ctl/provider_commands.hpp"

namespace bearerd::ctl {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

constexpr std::chrono::milliseconds kAskEvery{500};
constexpr const char* kLastByDefault = "10";
constexpr std::uint64_t kMostAtOnce = 200;

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text + ' ';
}

// What was asked for, by the configured name that decided and, for who may see it, as the client wrote it.
std::string target_of(const Object& decision) {
  const std::string path = text_of(decision, "path");
  const std::string resource = text_of(decision, "resource");
  const std::string deployment = text_of(decision, "deployment");
  std::string text = path.empty() ? resource : text_of(decision, "method") + " " + path;
  const auto add = [&](const std::string& what, const std::string& name) {
    if (!name.empty()) text += (text.empty() ? "[" : " [") + what + " " + name + "]";
  };
  if (deployment != text) add("deployment", deployment);
  add("route", text_of(decision, "route"));
  add("limit", text_of(decision, "limit"));
  return text;
}

// The beginning of the logs' hash, or an API key's project.
std::string who_of(const Object& decision) {
  const std::string user = text_of(decision, "user"), project = text_of(decision, "project");
  if (!user.empty()) return user.substr(0, 8);
  return project.empty() ? "-" : project;
}

// What has no room goes on below.
void print_decision(const Object& decision, Output& output) {
  constexpr std::size_t kTime = 9, kKind = 5, kReason = 16, kProvider = 10, kWho = 8;
  const std::string at = text_of(decision, "at"), kind = text_of(decision, "decision");
  const Colour colour = kind == "allow" ? Colour::kGood : kind == "deny" ? Colour::kBad : Colour::kOdd;
  const std::string target = target_of(decision);
  std::string text = padded(text_of(decision, "reason"), kReason) + padded(text_of(decision, "provider"), kProvider) +
                     who_of(decision);
  if (!target.empty()) text = padded(text, kReason + 1 + kProvider + 1 + kWho) + target;
  constexpr std::size_t kBefore = kTime + 1 + kKind + 1;
  output.out << padded(at.size() >= 19 ? at.substr(11, 8) + "Z" : at, kTime)
             << paint(output.look, colour, padded(kind, kKind))
             << labelled(output.look, "", kBefore, text).substr(kBefore);
}

// Whether there was anything to print.
bool print_page(const Object& answer, bool wants_json, Output& output) {
  bool has_any = false;
  for_each_object(answer, "decisions", [&](const Object& decision) {
    has_any = true;
    if (!wants_json) return print_decision(decision, output);
    decision.stringify(output.out);
    output.out << '\n';
  });
  output.out << std::flush;
  return has_any;
}

// What goes into an address may be no more than a word.
bool is_word(std::string_view text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
                              std::string_view::npos;
}

// As parameters of the address; nothing: it was told what is wrong.
std::optional<std::string> filters_of(const CommandLine& line, Output& output) {
  std::string filters;
  for (const char* name : {"provider", "reason", "decision"}) {
    const auto value = line.option(name);
    if (value && !is_word(*value)) {
      static_cast<void>(report_trouble("--" + std::string(name) + " takes one word", output));
      return std::nullopt;
    }
    if (value) filters += "&" + std::string(name) + "=" + *value;
  }
  return filters;
}

int report_none_kept(const std::string& socket, Output& output) {
  return report_trouble("the daemon keeps no decisions; " + how_to_keep_decisions(socket), output);
}

}  // namespace

std::string how_to_keep_decisions(const std::string& socket) {
  const auto status = call_api(socket, "GET", "/v1/status");
  const Array::Ptr files = status && status->object ? status->object->getArray("files") : nullptr;
  const std::string file =
      files && !files->empty() ? printable(files->getElement<std::string>(0)) : std::string("the static settings");
  return R"("admin": {"recentDecisions": 10000} in )" + file + " keeps them from then on, without a restart";
}

int run_tail(const CommandLine& line, Output& output) {
  const auto filters = filters_of(line, output);
  if (!filters) return kTrouble;
  const std::string count = line.option("last").value_or(kLastByDefault);
  const auto last = base::parse_decimal(count);
  if (!last || *last == 0 || *last > kMostAtOnce) return report_trouble("--last takes a number from 1 to 200", output);
  std::string query = "limit=" + count + *filters;
  bool is_following = false, is_away = false;
  for (;;) {
    const auto answer = call_api(line.socket, "GET", "/v1/decisions?" + query);
    if (!answer && !is_following) return report_trouble(answer.error().text, output);
    if (!answer) {  // a restart; its decisions are numbered on from those before
      if (!std::exchange(is_away, true)) output.err << "bearerctl: the daemon is away; waiting for it\n" << std::flush;
      std::this_thread::sleep_for(kAskEvery);
      continue;
    }
    is_away = false;
    if (is_no_provider(*answer)) return report_no_provider(line.option("provider").value_or(""), *answer, output);
    if (answer->status != 200 || !answer->object) return report_refusal(*answer, output);
    if (number_of(*answer->object, "capacity") == 0) return report_none_kept(line.socket, output);
    const bool has_any = print_page(*answer->object, line.wants_json, output);
    if (!has_any && !is_following)
      output.err << "bearerctl: no " << (filters->empty() ? "" : "such ") << "decisions yet\n" << std::flush;
    if (line.has("once") || !output.out) return kYes;
    is_following = true;
    const std::string next = text_of(*answer->object, "next");
    if (!base::parse_decimal(next)) return report_trouble("the daemon's answer has no \"next\"", output);
    query = "limit=200&after=" + next + *filters;
    if (!flag_of(*answer->object, "more")) std::this_thread::sleep_for(kAskEvery);
  }
}

}  // namespace bearerd::ctl
