#include "http/admin_router.hpp"

#include <algorithm>
#include <exception>

#include "http/admin_json.hpp"

namespace bearerd::http {
namespace {

constexpr const char* kJson = "application/json";
constexpr const char* kProblemJson = "application/problem+json";

AdminAnswer not_permitted() { return admin_refusal(403, "forbidden", "this caller may not do this"); }

}  // namespace

AdminAnswer admin_refusal(int status, std::string_view code, std::string_view title, std::string detail) {
  return {status, kProblemJson, to_json(HttpProblem{status, code, title, std::move(detail), {}}), {}};
}

AdminRouter::AdminRouter(AdminCalls calls, observe::Log& log) : calls_(std::move(calls)), log_(log) {}

const std::vector<AdminRouter::Row>& AdminRouter::rows() {
  static const std::vector<Row> rows{
      {"GET", "/v1/status", Right::kObserve, false, &AdminRouter::status},
      {"POST", "/v1/reload", Right::kAdmin, true, &AdminRouter::reload},
  };
  return rows;
}

AdminAnswer AdminRouter::answer(const AdminRequest& request) noexcept {
  try {
    return route(request);
  } catch (const std::exception& error) {
    log_.write(observe::Level::kError, "admin_failed", error.what());
  } catch (...) {
    log_.write(observe::Level::kError, "admin_failed", "unknown exception");
  }
  return admin_refusal(500, "internal", "the call failed; the log says why");
}

AdminAnswer AdminRouter::route(const AdminRequest& request) {
  // First of all, so that a stranger learns nothing from which paths exist.
  if (!request.rights.has_any()) return not_permitted();
  std::string allow;
  for (const Row& row : rows()) {
    if (row.path != request.target) continue;
    if (row.method == request.method) return run(row, request);
    allow += (allow.empty() ? "" : ", ") + std::string(row.method);
  }
  if (allow.empty()) return admin_refusal(404, "not_found", "there is no such call");
  AdminAnswer answer = admin_refusal(405, "method_not_allowed", "this call has another method");
  answer.allow = allow;
  return answer;
}

AdminAnswer AdminRouter::run(const Row& row, const AdminRequest& request) {
  const bool is_allowed = request.rights.allows(row.right);
  AdminAnswer answer = is_allowed ? (this->*row.handler)(request) : not_permitted();
  if (row.is_change) {
    log_.write(observe::Level::kNotice, "audit", "admin call",
               {{"call", row.path},
                {"method", row.method},
                {"status", std::int64_t{answer.status}},
                {"peer_uid", std::int64_t{request.peer.uid}},
                {"peer_pid", std::int64_t{request.peer.pid}}});
  }
  return answer;
}

AdminAnswer AdminRouter::status(const AdminRequest&) { return {200, kJson, to_json(calls_.status()), {}}; }

AdminAnswer AdminRouter::reload(const AdminRequest&) {
  const std::lock_guard lock(reload_mutex_);
  ReloadReport report = calls_.reload();
  if (report.result != ReloadResult::kRefused) return {200, kJson, to_json(report), {}};
  HttpProblem problem{422, "settings_faulty", "the settings have faults", "nothing was changed", {}};
  problem.problems = std::move(report.problems);
  return {422, kProblemJson, to_json(problem), {}};
}

}  // namespace bearerd::http
