#include "http/admin_check.hpp"

#include <algorithm>
#include <array>

#include "http/admin_body.hpp"
#include "http/admin_decisions.hpp"
#include "http/admin_json.hpp"
#include "verify/comparison.hpp"

namespace bearerd::http {
namespace {

using base::Reason;
using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;
using verify::Change;
using verify::Comparison;

constexpr std::array<std::string_view, 3> kMembers{"config_file", "files", "against_recent"};
constexpr std::size_t kMaxFiles = 100;

bool is_absolute(std::string_view path) { return path.starts_with('/') && path.find('\0') == std::string_view::npos; }

base::Result<void> read_files(const Object& object, CheckWish& wish) {
  const Object::Ptr files = object.getObject("files");
  if (files.isNull()) return invalid_call(R"("files" has to be an object: content by path)");
  if (files->size() > kMaxFiles) return invalid_call(R"("files" holds too many)");
  for (const auto& [path, content] : *files) {
    if (!is_absolute(path)) return invalid_call(R"(a path in "files" does not begin with a slash)");
    if (!content.isString()) return invalid_call(R"(a content in "files" is no string)");
    wish.trial.files.emplace(path, content.extract<std::string>());
  }
  return {};
}

Object decision_json(Reason reason) {
  Object object = new_object();
  object.set("decision", std::string(name(base::kind_of(reason))));
  object.set("reason", std::string(name(reason)));
  return object;
}

Object change_json(const Change& change) {
  Object object = new_object();
  object.set("count", static_cast<Poco::UInt64>(change.count));
  object.set("users", static_cast<Poco::UInt64>(change.users.size()));
  object.set("before", decision_json(change.before));
  object.set("after", decision_json(change.after));
  object.set("provider", change.provider);
  object.set("deployment", text_or_null(change.deployment));
  object.set("route", text_or_null(change.route));
  object.set("roles", strings_json(change.roles));
  Object last = new_object();
  last.set("at", time_json(change.last));
  last.set("method", text_or_null(change.method));
  last.set("path", text_or_null(change.path));
  last.set("resource", text_or_null(change.resource));
  object.set("last", last);
  return object;
}

std::size_t count_of(const Comparison& comparison, base::DecisionKind before, base::DecisionKind after) {
  const auto found = comparison.turned.find({before, after});
  return found == comparison.turned.end() ? 0 : found->second;
}

Object comparison_json(const Comparison& comparison) {
  using base::DecisionKind;
  Object doubts = new_object();
  std::size_t unjudged = 0;
  for (const auto& [doubt, count] : comparison.doubts) {
    doubts.set(std::string(name(doubt)), static_cast<Poco::UInt64>(count));
    unjudged += count;
  }
  std::size_t changed = 0;
  for (const auto& [kinds, count] : comparison.turned) changed += count;
  Array changes;
  for (const Change& change : comparison.changes) changes.add(change_json(change));
  Object object = new_object();
  object.set("compared", static_cast<Poco::UInt64>(comparison.compared));
  object.set("unjudged", static_cast<Poco::UInt64>(unjudged));
  object.set("unjudged_by", doubts);
  object.set("first", time_json(comparison.first));
  object.set("last", time_json(comparison.last));
  object.set("changed", static_cast<Poco::UInt64>(changed));
  object.set("allow_to_deny",
             static_cast<Poco::UInt64>(count_of(comparison, DecisionKind::kAllow, DecisionKind::kDeny)));
  object.set("deny_to_allow",
             static_cast<Poco::UInt64>(count_of(comparison, DecisionKind::kDeny, DecisionKind::kAllow)));
  object.set("already_changed", static_cast<Poco::UInt64>(comparison.already_changed));
  object.set("other_reason", static_cast<Poco::UInt64>(comparison.other_reason));
  object.set("changes", changes);
  object.set("changes_left_out", static_cast<Poco::UInt64>(comparison.left_out));
  return object;
}

// In pages, so that no worker finds its place taken for long.
std::vector<verify::PastDecision> take_all(const verify::RecentDecisions& recent) {
  std::vector<verify::PastDecision> all;
  for (;;) {
    std::vector<verify::PastDecision> page = recent.after(all.empty() ? 0 : all.back().number, kMostDecisions);
    if (page.empty()) return all;
    std::move(page.begin(), page.end(), std::back_inserter(all));
  }
}

}  // namespace

base::Result<CheckWish> parse_check(std::string_view body) {
  const auto object = parse_body(body.empty() ? "{}" : body, kMembers);
  if (!object) return tl::make_unexpected(object.error());
  CheckWish wish;
  if ((*object)->has("config_file")) {
    auto file = text_member(**object, "config_file");
    if (!file) return tl::make_unexpected(file.error());
    if (!is_absolute(*file)) return invalid_call(R"("config_file" does not begin with a slash)");
    wish.config_file = std::move(*file);
  }
  if ((*object)->has("files")) {
    if (auto read = read_files(**object, wish); !read) return tl::make_unexpected(read.error());
  }
  if (!(*object)->has("against_recent")) return wish;
  const Var is_compared = (*object)->get("against_recent");
  if (!is_compared.isBoolean()) return invalid_call(R"("against_recent" has to be true or false)");
  wish.is_compared = is_compared.extract<bool>();
  return wish;
}

std::string check_json(const runtime::Candidate& candidate, const verify::RecentDecisions* recent) {
  Object root = new_object();
  const bool is_good = candidate.rules.settings != nullptr;
  root.set("result", is_good ? "good" : "faulty");
  root.set("problems", problems_json(candidate.problems));
  root.set("needs_restart", strings_json(candidate.needs_restart));
  root.set("unread_files", strings_json(candidate.unread_files));
  root.set("partial", candidate.is_partial);
  root.set("comparison", Var());
  if (is_good && recent != nullptr) {
    root.set("comparison", comparison_json(verify::compare(take_all(*recent), candidate.running, candidate.rules)));
  }
  return to_text(root);
}

AdminAnswer check_settings(const AdminCalls& calls, const AdminRequest& request) {
  auto wish = parse_check(request.body);
  if (!wish) return invalid_refusal(wish.error());
  // Whoever comes over TCP may not have files of this machine opened by naming them.
  wish->trial.opens_files = request.caller.peer.has_value();
  const auto candidate = calls.try_settings(wish->config_file, wish->trial);
  if (!candidate) return no_answer_refusal(candidate.error());
  return json_answer(check_json(*candidate, wish->is_compared ? calls.recent : nullptr));
}

}  // namespace bearerd::http
