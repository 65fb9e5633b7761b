#include "http/admin_status.hpp"

#include "http/admin_json.hpp"
#include "http/admin_providers.hpp"
#include "observe/log_line.hpp"

namespace bearerd::http {
namespace {

using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;

Object generations_json(std::uint64_t of_static, std::uint64_t of_dynamic) {
  Object generations = new_object();
  generations.set("static", static_cast<Poco::UInt64>(of_static));
  generations.set("dynamic", static_cast<Poco::UInt64>(of_dynamic));
  return generations;
}

Var last_reload_json(const std::optional<ReloadReport>& reload) {
  if (!reload) return {};
  Object item = new_object();
  item.set("result", std::string(name(reload->result)));
  item.set("at", time_json(reload->at));
  item.set("problems", problems_json(reload->problems));
  return item;
}

std::string to_json(const StatusReport& report, base::WallTime now) {
  Object root = new_object();
  root.set("version", report.version);
  root.set("revision", report.revision);
  root.set("pid", report.pid);
  root.set("started_at", time_json(report.started_at));
  root.set("uptime_seconds", static_cast<Poco::Int64>(report.uptime.count()));
  root.set("ready", report.is_ready);
  root.set("generations", generations_json(report.static_generation, report.dynamic_generation));
  root.set("last_reload", last_reload_json(report.last_reload));
  root.set("files", report.files.empty() ? Var() : Var(strings_json(report.files)));
  Array providers;
  for (const ProviderStatus& provider : report.providers) providers.add(provider_summary_json(provider, now));
  root.set("providers", providers);
  root.set("listeners", strings_json(report.listeners));
  root.set("cached_verdicts", static_cast<Poco::UInt64>(report.cached_verdicts));
  root.set("revocations", static_cast<Poco::UInt64>(report.revocations));
  root.set("dropped_log_lines", static_cast<Poco::UInt64>(report.dropped_log_lines));
  root.set("log_level", std::string(observe::name(report.log_level)));
  root.set("log_level_set", report.is_log_level_set ? Var(*report.is_log_level_set) : Var());
  root.set("decisions_per_second", report.decisions_per_second);
  Object decisions = new_object();
  for (const auto& [reason, count] : report.decisions) decisions.set(reason, static_cast<Poco::UInt64>(count));
  root.set("decisions", decisions);
  root.set("warnings", strings_json(report.warnings));
  return to_text(root);
}

Object reload_json(const ReloadReport& report) {
  Object root = new_object();
  root.set("result", std::string(name(report.result)));
  root.set("generations", generations_json(report.static_generation, report.dynamic_generation));
  root.set("problems", problems_json(report.problems));
  root.set("needs_restart", strings_json(report.needs_restart));
  return root;
}

}  // namespace

AdminAnswer get_status(const AdminCalls& calls, const AdminRequest&) {
  return json_answer(to_json(calls.status(), calls.clock->wall()));
}

AdminAnswer post_reload(const AdminCalls& calls, const AdminRequest&) {
  const auto report = calls.reload();
  if (!report) return no_answer_refusal(report.error());
  AdminAnswer answer =
      report->result != ReloadResult::kRefused
          ? json_answer(to_text(reload_json(*report)))
          : admin_refusal(422, "settings_faulty", "the settings have faults", "nothing was changed", report->problems);
  answer.audited.push_back({"result", std::string(name(report->result))});
  answer.audited.push_back({"static_generation", static_cast<std::int64_t>(report->static_generation)});
  answer.audited.push_back({"dynamic_generation", static_cast<std::int64_t>(report->dynamic_generation)});
  return answer;
}

AdminAnswer list_reloads(const AdminCalls& calls, const AdminRequest&) {
  const auto reports = calls.reloads();
  if (!reports) return no_answer_refusal(reports.error());
  Array reloads;
  for (const ReloadReport& report : *reports) {
    Object item = reload_json(report);
    item.set("at", time_json(report.at));
    item.set("cause", report.cause);
    reloads.add(item);
  }
  Object root = new_object();
  root.set("reloads", reloads);
  return json_answer(to_text(root));
}

}  // namespace bearerd::http
