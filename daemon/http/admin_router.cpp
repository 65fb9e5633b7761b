#include "http/admin_router.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <variant>
#include <vector>

#include "base/percent_encoding.hpp"
#include "base/text.hpp"

namespace bearerd::http {
namespace {

constexpr std::string_view kPlaceholder = "{name}";

AdminAnswer not_permitted() { return admin_refusal(403, "forbidden", "this caller may not do this"); }

// Byte for byte, but for the name. The name, empty without one; nothing: another path.
std::optional<std::string> match_path(std::string_view pattern, std::string_view path) {
  const std::size_t at = pattern.find(kPlaceholder);
  if (at == std::string_view::npos) return pattern == path ? std::optional<std::string>("") : std::nullopt;
  const std::string_view before = pattern.substr(0, at), after = pattern.substr(at + kPlaceholder.size());
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) || !path.ends_with(after))
    return std::nullopt;
  const std::string_view segment = path.substr(before.size(), path.size() - before.size() - after.size());
  if (segment.find('/') != std::string_view::npos) return std::nullopt;
  // It becomes a name that is looked up and nothing else, so whatever it decodes to can reach no other call.
  return base::percent_decoded(segment);
}

// Who sends a body says what it is, or nothing; a form of a browser is never taken for JSON.
bool is_json(std::string_view content_type) {
  return content_type.empty() ||
         base::equals_ignoring_case(content_type.substr(0, content_type.find_first_of("; \t")), "application/json");
}

// What every call refuses in the same way; nothing: the call may be made.
std::optional<AdminAnswer> refuse(const AdminCall& call, const AdminRequest& request) {
  if (!request.caller.rights.allows(call.right)) return not_permitted();
  if (!call.body.empty() && !is_json(request.content_type))
    return admin_refusal(415, "no_json", "the body has to be application/json");
  if (call.parameters.empty() && !request.query.empty())
    return invalid_refusal({base::ErrorCode::kInvalid, "this call takes no query"});
  return std::nullopt;
}

}  // namespace

AdminRouter::AdminRouter(AdminCalls calls, observe::Log& log) : calls_(std::move(calls)), log_(log) {}

AdminAnswer AdminRouter::answer(AdminRequest request) noexcept {
  try {
    return route(request);
  } catch (const std::exception& error) {
    log_.write(observe::Level::kError, "admin_failed", error.what());
  } catch (...) {
    log_.write(observe::Level::kError, "admin_failed", "unknown exception");
  }
  return admin_refusal(500, "internal", "the call failed; the log says why");
}

AdminAnswer AdminRouter::route(AdminRequest& request) {
  // First of all, so that a stranger learns nothing from which paths exist.
  if (!request.caller.rights.has_any()) return not_permitted();
  const std::size_t mark = request.target.find('?');
  if (mark != std::string_view::npos) request.query = request.target.substr(mark + 1);
  std::string allow;
  for (const AdminCall& call : admin_calls_table()) {
    auto name = match_path(call.path, request.target.substr(0, mark));
    if (!name) continue;
    request.name = std::move(*name);
    if (call.method == request.method) return run(call, request);
    allow += (allow.empty() ? "" : ", ") + std::string(call.method);
  }
  if (allow.empty()) return admin_refusal(404, "not_found", "there is no such call");
  AdminAnswer answer = admin_refusal(405, "method_not_allowed", "this call has another method");
  answer.allow = allow;
  return answer;
}

AdminAnswer AdminRouter::run(const AdminCall& call, const AdminRequest& request) {
  auto refusal = refuse(call, request);
  AdminAnswer answer = refusal ? std::move(*refusal) : call.handler(calls_, request);
  if (call.is_change) audit(call, request, answer);
  return answer;
}

void AdminRouter::audit(const AdminCall& call, const AdminRequest& request, const AdminAnswer& answer) {
  const AdminCaller& caller = request.caller;
  std::vector<observe::Field> fields{
      {"call", call.path}, {"method", call.method}, {"status", std::int64_t{answer.status}}};
  if (caller.peer) {
    fields.push_back({"peer_uid", std::int64_t{caller.peer->uid}});
    fields.push_back({"peer_pid", std::int64_t{caller.peer->pid}});
  } else {
    fields.push_back({"provider", std::string_view(caller.provider)});
    fields.push_back({"user", std::string_view(caller.user_key)});
    fields.push_back({"caller", std::string_view(caller.key)});
  }
  // Only a configured name: whatever else a caller writes there is its own text.
  if (calls_.has_provider && !request.name.empty() && calls_.has_provider(request.name))
    fields.push_back({"name", std::string_view(request.name)});
  for (const AuditField& field : answer.audited) {
    std::visit([&](const auto& value) { fields.push_back({field.name, value}); }, field.value);
  }
  // Whoever changes the level must not be able to hide what comes after it.
  log_.write_always(observe::Level::kNotice, "audit", "admin call", fields);
}

}  // namespace bearerd::http
