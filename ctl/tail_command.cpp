#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <chrono>
#include <ostream>
#include <string>
#include <thread>
#include <utility>

#include "base/text.hpp"
#include "ctl/answer_text.hpp"
#include "ctl/commands.hpp"

namespace bearerd::ctl {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

constexpr std::chrono::milliseconds kAskEvery{500};
constexpr const char* kLastByDefault = "10";

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text + ' ';
}

// What was asked for, by the configured name that decided and, for who may see it, as the client wrote it.
std::string target_of(const Object& decision) {
  const std::string path = text_of(decision, "path");
  const std::string resource = text_of(decision, "resource");
  const std::string deployment = text_of(decision, "deployment");
  const std::string route = text_of(decision, "route");
  std::string text = path.empty() ? resource : text_of(decision, "method") + " " + path;
  if (!deployment.empty() && deployment != text)
    text += (text.empty() ? "" : " ") + ("[deployment " + deployment + "]");
  if (!route.empty()) text += (text.empty() ? "" : " ") + ("[route " + route + "]");
  return text;
}

void print_decision(const Object& decision, Output& output) {
  const std::string at = text_of(decision, "at");
  const std::string kind = text_of(decision, "decision");
  const Colour colour = kind == "allow" ? Colour::kGood : kind == "deny" ? Colour::kBad : Colour::kOdd;
  std::string rest = padded(text_of(decision, "reason"), 20) + padded(text_of(decision, "provider"), 12);
  const std::string user = text_of(decision, "user");
  rest += padded(user.empty() ? "-" : user.substr(0, 8), 8) + target_of(decision);
  constexpr std::size_t kBefore = 8 + 1 + 5 + 1;
  const std::size_t room = output.look.width > kBefore ? output.look.width - kBefore : 0;
  output.out << (at.size() >= 19 ? at.substr(11, 8) : padded(at, 8)) << ' '
             << paint(output.look, colour, padded(kind, 5)) << fit(rest, room) << '\n';
}

void print_page(const Object& answer, bool wants_json, Output& output) {
  const Array::Ptr decisions = answer.getArray("decisions");
  for (std::size_t i = 0; decisions && i < decisions->size(); ++i) {
    const Object::Ptr decision = decisions->getObject(static_cast<unsigned>(i));
    if (!decision) continue;
    if (wants_json) {
      decision->stringify(output.out);
      output.out << '\n';
    } else {
      print_decision(*decision, output);
    }
  }
  output.out << std::flush;
}

// What goes into an address may be no more than a word.
bool is_word(std::string_view text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
                              std::string_view::npos;
}

}  // namespace

int run_tail(const CommandLine& line, Output& output) {
  std::string filters;
  for (const char* name : {"provider", "reason", "decision"}) {
    const auto value = line.option(name);
    if (value && !is_word(*value)) return report_trouble("--" + std::string(name) + " takes one word", output);
    if (value) filters += "&" + std::string(name) + "=" + *value;
  }
  const std::string count = line.option("last").value_or(kLastByDefault);
  if (!base::parse_decimal(count)) return report_trouble("--last takes a number", output);
  std::string query = "limit=" + count + filters;
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
    if (answer->status != 200 || !answer->object) return report_refusal(*answer, output);
    if (answer->object->optValue<Poco::Int64>("capacity", 0) == 0) {
      return report_trouble("the daemon keeps no decisions; \"admin\": {\"recentDecisions\": 10000} makes it", output);
    }
    print_page(*answer->object, line.wants_json, output);
    if (line.has("once") || !output.out) return kYes;
    is_following = true;
    const std::string next = text_of(*answer->object, "next");
    if (!base::parse_decimal(next)) return report_trouble("the daemon's answer has no \"next\"", output);
    query = "limit=200&after=" + next + filters;
    const bool has_more = answer->object->optValue<bool>("more", false);
    if (!has_more) std::this_thread::sleep_for(kAskEvery);
  }
}

}  // namespace bearerd::ctl
