#include "app/status_report.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "app/version.hpp"
#include "verify/worker.hpp"

namespace bearerd::app {
namespace {

std::string url_of(const keys::KeySourceSettings& source) {
  return source.jwks_url.empty() ? source.discovery_url : source.jwks_url;
}

std::vector<std::string> files_of(const settings::Provider& provider) {
  std::vector<std::string> files;
  for (const std::string& file : {provider.jwks_file, provider.public_key_file, provider.hmac_secret_file}) {
    if (!file.empty()) files.push_back(file);
  }
  return files;
}

std::vector<std::string> kids_of(const keys::KeySource& source) {
  std::vector<std::string> kids;
  const auto keys = source.current();
  if (keys == nullptr) return kids;
  for (const auto& key : keys->keys()) {
    if (!key->key_id().empty()) kids.push_back(key->key_id());
  }
  return kids;
}

http::ProviderStatus status_of(const runtime::Provider& provider, const verify::ProviderState& state) {
  http::ProviderStatus status;
  status.name = provider.settings.name;
  status.plugin = provider.plugin->plugin_name();
  status.plugin_version = provider.plugin->plugin_version();
  status.readiness = state.readiness;
  status.is_optional = state.is_optional;
  status.issuers = runtime::issuers_of(provider);
  status.issuer_pattern = provider.settings.issuer_pattern_text;
  status.audiences = provider.audiences;
  for (const base::Algorithm algorithm : provider.algorithms) status.algorithms.emplace_back(base::name(algorithm));
  status.unchecked = provider.unchecked;
  status.epoch = provider.epoch;
  for (const runtime::BoundKeys& bound : provider.keys) {
    const keys::KeySourceStatus source = bound.source->status();
    http::KeySourceStatus shown{bound.issuer, url_of(bound.source->settings()), source, {}, kids_of(*bound.source)};
    if (shown.url.empty()) shown.files = files_of(provider.settings);
    status.sources.push_back(std::move(shown));
    status.key_count += source.key_count;
    status.is_stale = status.is_stale || source.is_stale;
    if (source.last_success != base::WallTime{}) {
      status.last_success = std::max(status.last_success.value_or(source.last_success), source.last_success);
    }
    if (!source.last_error.empty()) status.last_error = source.last_error;
  }
  return status;
}

std::vector<std::string> warnings_of(const http::StatusReport& report) {
  std::vector<std::string> warnings;
  for (const http::ProviderStatus& provider : report.providers) {
    if (provider.readiness == runtime::ProviderReadiness::kDisabled)
      warnings.push_back(provider.name + " is switched off: its tokens get 503; bearerctl enable " + provider.name);
    if (provider.readiness == runtime::ProviderReadiness::kFailed)
      warnings.push_back(provider.name + " has no keys: its tokens get 503");
    if (provider.is_stale) warnings.push_back(provider.name + " uses stale keys: its issuer does not answer");
  }
  if (report.last_reload && report.last_reload->result == runtime::ReloadResult::kRefused) {
    warnings.emplace_back("the last reload was refused; older settings are in force");
  }
  if (report.last_reload) {
    for (const std::string& path : report.last_reload->needs_restart)
      warnings.push_back(path + " was changed, but is read at start only: restart bearerd to apply it");
  }
  if (report.dropped_log_lines > 0)
    warnings.emplace_back("log lines were dropped: whoever reads standard error is too slow");
  return warnings;
}

}  // namespace

std::vector<http::ProviderStatus> provider_statuses(const runtime::Snapshot& snapshot,
                                                    const std::map<std::string, std::uint64_t>& allows,
                                                    base::SteadyTime now) {
  const auto states = verify::provider_states(snapshot, now);
  std::vector<http::ProviderStatus> statuses;
  statuses.reserve(states.size());
  for (std::size_t i = 0; i < states.size(); ++i) statuses.push_back(status_of(*snapshot.providers[i], states[i]));
  for (http::ProviderStatus& status : statuses) {
    if (const auto found = allows.find(status.name); found != allows.end()) status.allowed = found->second;
  }
  return statuses;
}

http::StatusReport make_status_report(const StatusSources& sources) {
  const runtime::Snapshot& snapshot = *sources.snapshot;
  http::StatusReport report;
  report.version = kVersion;
  report.revision = kRevision;
  report.pid = ::getpid();
  report.started_at = sources.started_at;
  report.uptime = std::chrono::duration_cast<std::chrono::seconds>(sources.clock->wall() - sources.started_at);
  report.static_generation = snapshot.static_generation;
  report.dynamic_generation = snapshot.dynamic_generation;
  const auto states = verify::provider_states(snapshot, sources.clock->steady());
  report.is_ready = verify::is_ready(states, false);
  report.providers = provider_statuses(snapshot, sources.allows, sources.clock->steady());
  for (const settings::Address& address : sources.verify->addresses())
    report.listeners.push_back("verify " + address.display());
  for (const settings::Address& address : snapshot.settings->listen.metrics)
    report.listeners.push_back("metrics " + address.display());
  for (const settings::Address& address : snapshot.settings->listen.admin)
    report.listeners.push_back("admin " + address.display());
  report.cached_verdicts = sources.cached_verdicts;
  report.revocations = sources.revocations;
  report.dropped_log_lines = sources.log->dropped();
  report.log_level = sources.log->level();
  report.is_log_level_set = sources.is_log_level_set;
  report.decisions = sources.decisions;
  report.decisions_per_second = sources.decisions_per_second;
  report.last_reload = sources.last_reload;
  report.files = sources.files;
  report.warnings = warnings_of(report);
  if (snapshot.disabled->is_everyone) {
    report.warnings.emplace_back(
        "it can't be read which providers were switched off, so all are: bearerctl enable NAME for each that is "
        "wanted");
  }
  for (const auto& [setting, fault] : sources.certificate_faults)
    report.warnings.push_back(setting +
                              ": the files have changed, and the certificate before them is served: " + fault);
  for (const std::string& fault : {sources.usage_fault, sources.revocations_fault}) {
    if (!fault.empty()) report.warnings.push_back(fault);
  }
  return report;
}

}  // namespace bearerd::app
