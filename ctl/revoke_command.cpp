#include <Poco/JSON/Object.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ostream>
#include <sstream>

#include "base/timestamp.hpp"
#include "ctl/answer_text.hpp"
#include "ctl/commands.hpp"
#include "ctl/paged_list.hpp"
#include "ctl/provider_commands.hpp"
#include "ctl/show.hpp"

namespace bearerd::ctl {
namespace {

using Poco::JSON::Object;

constexpr const char* kPath = "/v1/revocations";
constexpr int kNotFound = 404, kConflict = 409, kInvalid = 422;

std::string member(const Object& object, const std::string& name) {
  return object.isNull(name) ? "-" : printable(object.optValue<std::string>(name, "-"));
}

// "subject_issued_before.JSup…"
bool is_id(const std::string& text) {
  const std::size_t dot = std::min(text.find('.'), text.size());
  const bool is_kind = dot > 0 && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == dot;
  return is_kind && dot < text.size() && is_handle(text.substr(dot + 1));
}

std::string what_is_revoked(const std::string& kind) {
  if (kind == "jti") return "token";
  if (kind.starts_with("subject")) return "user";
  return kind.substr(0, kind.find("_issued_before"));  // which has a column of its own
}

bool says_what_to_revoke(const CommandLine& line) {
  constexpr std::array kWhat{"jti", "session", "subject", "key", "issued-before"};
  if (line.has("caller")) return true;
  return !line.arguments.empty() && std::ranges::any_of(kWhat, [&](const char* name) { return line.has(name); });
}

// "now" is up to the end of this second: what was issued in it may have been issued before.
std::string time_text(const std::string& given) {
  if (given != "now") return given;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch();
  return base::to_text(base::Timestamp{now.count() + 1});
}

std::string body_of(const CommandLine& line) {
  Object body;
  if (!line.arguments.empty()) body.set("provider", line.arguments.front());
  for (const char* name : {"jti", "session", "subject", "caller", "key"}) {
    if (const auto found = line.options.find(name); found != line.options.end()) body.set(name, found->second);
  }
  for (const auto& [option, name] : {std::pair{"issued-before", "issued_before"}, std::pair{"until", "until"}}) {
    if (const auto found = line.options.find(option); found != line.options.end())
      body.set(name, time_text(found->second));
  }
  std::ostringstream text;
  body.stringify(text);
  return std::move(text).str();
}

// What was asked was not done: not as asked (422), or there is nothing to do it to.
Refuse refusal_of(const CommandLine& line) {
  return [&line](const ApiAnswer& answer, Output& output) {
    if (answer.status != kNotFound && answer.status != kConflict && answer.status != kInvalid)
      return report_refusal(answer, output);
    if (is_no_provider(answer))
      return report_no_provider(line.arguments.empty() ? "" : line.arguments.front(), answer, output);
    const auto text = [&](const char* name) {
      return answer.object ? printable(answer.object->optValue<std::string>(name, "")) : std::string();
    };
    output.err << "bearerctl: nothing was changed: " << (text("detail").empty() ? text("title") : text("detail"))
               << '\n';
    return kNo;
  };
}

int end_revocation(const CommandLine& line, Output& output, const std::string& id) {
  if (!is_id(id)) return report_trouble("--end takes an ID as bearerctl revocations prints it", output);
  const Print print = [&](const Object&, Output&) { output.out << "not revoked any more: " << id << '\n'; };
  return show(line, {"DELETE", kPath + ("?id=" + id)}, output, print, refusal_of(line));
}

void print_loss(const Object& answer, Output& output) {
  output.out << "accepted: nothing is revoked any more but by state.revocationsFile\n";
  if (!answer.isNull("set_aside")) output.out << "the unreadable file is now " << member(answer, "set_aside") << '\n';
}

std::string end_of(const Object& entry) { return entry.isNull("until") ? "it is ended" : member(entry, "until"); }

void print_revoked(const Object& entry, Output& output) {
  output.out << "revoked until " << end_of(entry) << ": " << member(entry, "id") << '\n';
}

void append_row(const Object& entry, std::vector<std::vector<Cell>>& rows) {
  rows.push_back({{what_is_revoked(member(entry, "kind"))},
                  {member(entry, "issued_before")},
                  {end_of(entry)},
                  {member(entry, "added_at")},
                  {member(entry, "id")}});
}

}  // namespace

int run_revoke(const CommandLine& line, Output& output) {
  if (line.has("accept-loss"))
    return show(line, {"POST", kPath + std::string("/accept-loss")}, output, print_loss, refusal_of(line));
  const auto id = line.options.find("end");
  if (id != line.options.end() && !line.arguments.empty())
    return report_trouble("--end takes no provider: the ID says it all", output);
  if (id != line.options.end()) return end_revocation(line, output, id->second);
  if (!says_what_to_revoke(line)) {
    return report_trouble(
        "write: bearerctl revoke PROVIDER with --jti, --session, --subject, --key or --issued-before, "
        "or: bearerctl revoke --caller KEY; bearerctl providers lists the providers",
        output);
  }
  return show(line, {"POST", kPath, body_of(line)}, output, print_revoked, refusal_of(line));
}

int run_revocations(const CommandLine& line, Output& output) {
  const PagedList list{kPath, "revocations", "limit=200",
                       is_id, append_row,    "nothing is revoked by calls; state.revocationsFile is a list of its own"};
  return print_pages(line, list, {{{"WHAT"}, {"ISSUED BEFORE"}, {"UNTIL"}, {"ADDED"}, {"ID"}}}, output);
}

}  // namespace bearerd::ctl
