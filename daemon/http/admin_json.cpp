#include "http/admin_json.hpp"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/Timestamp.h>

#include <sstream>

namespace bearerd::http {
namespace {

using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;

Object object() { return Object(Poco::JSON_PRESERVE_KEY_ORDER); }

std::string text(const Object& object) {
  std::ostringstream out;
  object.stringify(out);
  return std::move(out).str();
}

Var time_text(base::WallTime time) {
  const auto micros = std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch()).count();
  return Poco::DateTimeFormatter::format(Poco::Timestamp(micros), Poco::DateTimeFormat::ISO8601_FRAC_FORMAT);
}

Array strings(const std::vector<std::string>& texts) {
  Array array;
  for (const std::string& text : texts) array.add(text);
  return array;
}

Array problems_json(const std::vector<settings::Problem>& problems) {
  Array array;
  for (const settings::Problem& problem : problems) {
    Object item = object();
    item.set("severity", problem.severity == settings::Severity::kWarning ? "warning" : "fault");
    item.set("file", problem.where.file);
    item.set("line", static_cast<Poco::UInt64>(problem.where.line));
    item.set("column", static_cast<Poco::UInt64>(problem.where.column));
    item.set("path", problem.path);
    item.set("text", problem.text);
    item.set("display", problem.display());
    array.add(item);
  }
  return array;
}

Object generations_json(std::uint64_t of_static, std::uint64_t of_dynamic) {
  Object generations = object();
  generations.set("static", static_cast<Poco::UInt64>(of_static));
  generations.set("dynamic", static_cast<Poco::UInt64>(of_dynamic));
  return generations;
}

Object provider_json(const ProviderStatus& provider) {
  Object item = object();
  item.set("name", provider.name);
  item.set("plugin", provider.plugin);
  item.set("plugin_version", provider.plugin_version);
  item.set("readiness", std::string(name(provider.readiness)));
  item.set("optional", provider.is_optional);
  item.set("keys", static_cast<Poco::UInt64>(provider.key_count));
  item.set("stale", provider.is_stale);
  item.set("last_success", provider.last_success ? time_text(*provider.last_success) : Var());
  item.set("last_error", provider.last_error.empty() ? Var() : Var(provider.last_error));
  return item;
}

Var last_reload_json(const std::optional<ReloadReport>& reload) {
  if (!reload) return {};
  Object item = object();
  item.set("result", std::string(name(reload->result)));
  item.set("at", time_text(reload->at));
  item.set("problems", problems_json(reload->problems));
  return item;
}

}  // namespace

std::string to_json(const StatusReport& report) {
  Object root = object();
  root.set("version", report.version);
  root.set("revision", report.revision);
  root.set("pid", report.pid);
  root.set("started_at", time_text(report.started_at));
  root.set("uptime_seconds", static_cast<Poco::Int64>(report.uptime.count()));
  root.set("ready", report.is_ready);
  root.set("generations", generations_json(report.static_generation, report.dynamic_generation));
  root.set("last_reload", last_reload_json(report.last_reload));
  Array providers;
  for (const ProviderStatus& provider : report.providers) providers.add(provider_json(provider));
  root.set("providers", providers);
  root.set("listeners", strings(report.listeners));
  root.set("cached_verdicts", static_cast<Poco::UInt64>(report.cached_verdicts));
  root.set("dropped_log_lines", static_cast<Poco::UInt64>(report.dropped_log_lines));
  root.set("warnings", strings(report.warnings));
  return text(root);
}

std::string to_json(const ReloadReport& report) {
  Object root = object();
  root.set("result", std::string(name(report.result)));
  root.set("generations", generations_json(report.static_generation, report.dynamic_generation));
  root.set("problems", problems_json(report.problems));
  root.set("needs_restart", strings(report.needs_restart));
  return text(root);
}

std::string to_json(const HttpProblem& problem) {
  Object root = object();
  // No "type": it is then about:blank, and `code` tells the cases apart.
  root.set("title", std::string(problem.title));
  root.set("status", problem.status);
  root.set("code", std::string(problem.code));
  if (!problem.detail.empty()) root.set("detail", problem.detail);
  if (!problem.problems.empty()) root.set("problems", problems_json(problem.problems));
  return text(root);
}

}  // namespace bearerd::http
