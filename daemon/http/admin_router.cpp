#include "http/admin_router.hpp"

#include <algorithm>
#include <exception>

#include "http/admin_explain.hpp"
#include "http/admin_json.hpp"
#include "http/admin_revocations.hpp"
#include "http/admin_usage.hpp"

namespace bearerd::http {
namespace {

constexpr const char* kJson = "application/json";
constexpr const char* kProblemJson = "application/problem+json";

AdminAnswer not_permitted() { return admin_refusal(403, "forbidden", "this caller may not do this"); }

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }
std::string_view query_of(std::string_view target) {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
}

AdminAnswer usage_refusal(const base::Error& error) {
  switch (error.code) {
    case base::ErrorCode::kInvalid:
      return admin_refusal(422, "invalid", "this can't be read", error.text);
    case base::ErrorCode::kNotFound:
      return admin_refusal(422, "unknown_deployment", "there is no such deployment", error.text);
    default:
      return admin_refusal(503, "store_unavailable", "the counters can't be reached", error.text);
  }
}

AdminAnswer revocation_refusal(const base::Error& error) {
  switch (error.code) {
    case base::ErrorCode::kInvalid:
      return admin_refusal(422, "invalid", "this can't be read", error.text);
    case base::ErrorCode::kNotFound:
      return admin_refusal(404, "no_such_revocation", "there is no such revocation", error.text);
    case base::ErrorCode::kTooLarge:
      return admin_refusal(422, "too_many", "there are too many revocations", error.text);
    default:
      return admin_refusal(503, "store_unavailable", "revocations can't be kept", error.text);
  }
}

}  // namespace

AdminAnswer admin_refusal(int status, std::string_view code, std::string_view title, std::string detail) {
  return {status, kProblemJson, to_json(HttpProblem{status, code, title, std::move(detail), {}}), {}};
}

AdminRouter::AdminRouter(AdminCalls calls, observe::Log& log) : calls_(std::move(calls)), log_(log) {}

const std::vector<AdminRouter::Row>& AdminRouter::rows() {
  static const std::vector<Row> rows{
      {"GET", "/v1/status", Right::kObserve, false, &AdminRouter::status},
      {"POST", "/v1/reload", Right::kAdmin, true, &AdminRouter::reload},
      {"GET", "/v1/usage", Right::kObserve, false, &AdminRouter::list_usage},
      // Traffic, not a change by somebody: it is counted, and leaves no audit line.
      {"POST", "/v1/usage", Right::kUsage, false, &AdminRouter::record_usage},
      {"GET", "/v1/revocations", Right::kObserve, false, &AdminRouter::list_revocations},
      {"POST", "/v1/revocations", Right::kAdmin, true, &AdminRouter::revoke},
      {"DELETE", "/v1/revocations", Right::kAdmin, true, &AdminRouter::end_revocation},
      {"POST", "/v1/revocations/accept-loss", Right::kAdmin, true, &AdminRouter::accept_loss},
      // Changes nothing, but who looks into other people's tokens is written down.
      {"POST", "/v1/explain", Right::kObserve, true, &AdminRouter::explain},
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
    if (row.path != path_of(request.target)) continue;
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
                {"peer_pid", std::int64_t{request.peer.pid}},
                {"verdict", answer.verdict}});
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

AdminAnswer AdminRouter::list_usage(const AdminRequest& request) {
  const auto wish = parse_page_wish(query_of(request.target));
  if (!wish) return usage_refusal(wish.error());
  const auto page = calls_.usage->list(*wish);
  if (!page) return usage_refusal(page.error());
  return {200, kJson, to_json(*page, *calls_.limits(), state::second_of(calls_.clock->wall())), {}};
}

AdminAnswer AdminRouter::record_usage(const AdminRequest& request) {
  auto report = parse_usage_report(request.body, *calls_.limits());
  if (!report) return usage_refusal(report.error());
  report->now = state::second_of(calls_.clock->wall());
  const auto recorded = calls_.usage->record(*report);
  if (!recorded) return usage_refusal(recorded.error());
  return {200, kJson, to_json(*recorded), {}};
}

AdminAnswer AdminRouter::list_revocations(const AdminRequest& request) {
  const auto wish = parse_revocation_wish(query_of(request.target));
  if (!wish) return revocation_refusal(wish.error());
  return {200, kJson, to_json(calls_.revocations->list(wish->after, wish->max_entries)), {}};
}

AdminAnswer AdminRouter::revoke(const AdminRequest& request) {
  const auto revocation = parse_revocation(request.body);
  if (!revocation) return revocation_refusal(revocation.error());
  // A misspelled provider would revoke nothing, and nobody would see it.
  if (!revocation->provider.empty() && !calls_.has_provider(revocation->provider)) {
    return admin_refusal(422, "unknown_provider", "the settings have no provider of this name");
  }
  const auto entry = calls_.revocations->add(*revocation);
  if (!entry) return revocation_refusal(entry.error());
  return {201, kJson, to_json(*entry), {}};
}

AdminAnswer AdminRouter::end_revocation(const AdminRequest& request) {
  const auto mark = parse_revocation_id(query_of(request.target));
  if (!mark) return revocation_refusal(mark.error());
  if (const auto removed = calls_.revocations->remove(*mark); !removed) return revocation_refusal(removed.error());
  return {200, kJson, R"({"result":"removed"})", {}};
}

AdminAnswer AdminRouter::accept_loss(const AdminRequest&) {
  const auto aside = calls_.revocations->accept_loss();
  if (aside) return {200, kJson, accepted_loss_json(*aside), {}};
  if (aside.error().code != base::ErrorCode::kNotFound) return revocation_refusal(aside.error());
  return admin_refusal(409, "nothing_lost", "there is no loss to accept", aside.error().text);
}

AdminAnswer AdminRouter::explain(const AdminRequest& request) {
  const auto wish = parse_explain(request.body);
  if (!wish) return admin_refusal(422, "invalid", "this can't be read", wish.error().text);
  if (wish->shows_claims && !request.rights.allows(Right::kAdmin))
    return admin_refusal(403, "forbidden", "this caller may not see claims");
  const auto worker = calls_.explaining_worker();
  const Explanation explanation = http::explain(*wish, *worker, *calls_.clock);
  AdminAnswer answer{200, kJson, to_json(explanation), {}};
  answer.verdict = name(explanation.reason);
  return answer;
}

}  // namespace bearerd::http
