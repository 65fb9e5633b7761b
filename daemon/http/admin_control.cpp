#include "http/admin_control.hpp"

#include <array>
#include <utility>

#include "http/admin_body.hpp"
#include "http/admin_json.hpp"

namespace bearerd::http {
namespace {

using observe::Level;
using Poco::JSON::Object;

constexpr std::array<std::string_view, 2> kMembers{"level", "seconds"};
constexpr std::array kLevels{
    std::pair{std::string_view("debug"), Level::kDebug},   std::pair{std::string_view("info"), Level::kInfo},
    std::pair{std::string_view("notice"), Level::kNotice}, std::pair{std::string_view("warning"), Level::kWarning},
    std::pair{std::string_view("error"), Level::kError},
};

base::Result<std::optional<Level>> read_level(const Object& object) {
  if (!object.has("level")) return invalid_call("\"level\" is missing");
  if (object.isNull("level")) return std::optional<Level>();
  const auto text = text_member(object, "level");
  if (!text) return tl::make_unexpected(text.error());
  for (const auto& [name, level] : kLevels) {
    if (name == *text) return std::optional<Level>(level);
  }
  return invalid_call(R"("level" has to be "debug", "info", "notice", "warning", "error", or null for the settings')");
}

base::Result<std::optional<std::chrono::seconds>> read_duration(const Object& object) {
  constexpr std::int64_t kLongest = 86'400;
  if (!object.has("seconds")) return std::optional<std::chrono::seconds>();
  const Poco::Dynamic::Var value = object.get("seconds");
  // The parser makes an unsigned number of what does not fit a signed one.
  const bool is_number = value.isInteger() && value.isSigned() && !value.isBoolean();
  const std::int64_t seconds = is_number ? value.convert<std::int64_t>() : 0;
  if (seconds < 1 || seconds > kLongest) return invalid_call("\"seconds\" has to be 1 to 86400");
  return std::optional<std::chrono::seconds>(seconds);
}

Poco::Dynamic::Var name_of(const std::optional<Level>& wanted) {
  for (const auto& [name, level] : kLevels) {
    if (wanted == level) return std::string(name);
  }
  return {};
}

}  // namespace

base::Result<LogLevelWish> parse_log_level_wish(std::string_view body) {
  const auto object = parse_body(body, kMembers);
  if (!object) return tl::make_unexpected(object.error());
  const auto level = read_level(**object);
  if (!level) return tl::make_unexpected(level.error());
  const auto duration = read_duration(**object);
  if (!duration) return tl::make_unexpected(duration.error());
  if (!*level && *duration) return invalid_call("\"seconds\" goes with a level, not with null");
  return LogLevelWish{*level, *duration};
}

AdminAnswer put_log_level(const AdminCalls& calls, const AdminRequest& request) {
  const auto wish = parse_log_level_wish(request.body);
  if (!wish) return invalid_refusal(wish.error());
  if (const auto done = calls.set_log_level(*wish); !done) return no_answer_refusal(done.error());
  Object root = new_object();
  root.set("level", name_of(wish->level));
  root.set("seconds", wish->duration ? Poco::Dynamic::Var(static_cast<Poco::Int64>(wish->duration->count()))
                                     : Poco::Dynamic::Var());
  AdminAnswer answer = json_answer(to_text(root));
  answer.audited.push_back({"log_level", wish->level ? name_of(wish->level).toString() : "of the settings"});
  if (wish->duration) answer.audited.push_back({"seconds", wish->duration->count()});
  return answer;
}

AdminAnswer flush_cache(const AdminCalls& calls, const AdminRequest&) {
  const auto count = calls.flush_cache();
  if (!count) return no_answer_refusal(count.error());
  Object root = new_object();
  root.set("result", "flushed");
  root.set("verdicts", static_cast<Poco::UInt64>(*count));
  AdminAnswer answer = json_answer(to_text(root));
  answer.audited.push_back({"verdicts", static_cast<std::int64_t>(*count)});
  return answer;
}

}  // namespace bearerd::http
