#include "app/check.hpp"

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "app/exit_code.hpp"
#include "http/tls_server.hpp"
#include "keys/key_store.hpp"
#include "net/https_fetcher.hpp"
#include "runtime/builder.hpp"
#include "runtime/key_sources.hpp"
#include "state/state_key.hpp"

namespace bearerd::app {
namespace {

using settings::Problem;
using settings::Severity;

// The key of the entry that says where its keys are; none where its plugin knows that.
std::string_view key_of_source(const settings::Provider& entry) {
  for (const char* key : {"jwksUrl", "issuer"}) {
    if (entry.where.contains(key)) return key;
  }
  return {};
}

Problem no_keys(const settings::Provider& entry, const keys::KeySource& source, const std::string& why) {
  const keys::KeySourceSettings& from = source.settings();
  const std::string& url = from.jwks_url.empty() ? from.discovery_url : from.jwks_url;
  return runtime::problem_at(entry, key_of_source(entry), Severity::kFault, "no keys from " + url + ": " + why);
}

// Waits for each source's first answer; those without keys by then are told with their last error.
void try_sources(const runtime::Snapshot& snapshot, std::vector<Problem>& problems) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  for (const auto& provider : snapshot.providers) {
    for (const runtime::BoundKeys& bound : provider->keys) {
      keys::KeySourceStatus status = bound.source->status();
      while (!status.has_tried && !status.is_ready && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        status = bound.source->status();
      }
      if (status.is_ready) {
        std::printf("identityProviders.%s: %zu keys\n", provider->settings.name.c_str(), status.key_count);
      } else {
        problems.push_back(no_keys(provider->settings, *bound.source,
                                   status.last_error.empty() ? "no answer within 10 seconds" : status.last_error));
      }
    }
  }
}

// What a start would stop at. Files that are not named were told by then.
void try_certificate(const settings::Settings& settings, const std::optional<settings::TlsFiles>& files,
                     const std::string& path, std::vector<Problem>& problems) {
  if (!files || files->certificate_file.empty() || files->key_file.empty()) return;
  const auto tls = http::TlsServer::open(*files);
  if (!tls) problems.push_back({Severity::kFault, settings.where.at(path), path, tls.error().text});
}

void try_certificates(const settings::Settings& settings, std::vector<Problem>& problems) {
  const settings::Listen& listen = settings.listen;
  try_certificate(settings, listen.tls, "listen.tls", problems);
  if (listen.admin_tls != listen.tls) try_certificate(settings, listen.admin_tls, "listen.adminTls", problems);
}

int conclude(const std::vector<Problem>& problems) {
  std::size_t faults = 0;
  for (const Problem& problem : problems) {
    if (problem.severity == Severity::kFault) ++faults;
    std::printf("%s\n", problem.display().c_str());
  }
  std::fflush(stdout);
  std::fprintf(stderr, "%s: %zu faults, %zu warnings\n", faults == 0 ? "settings are good" : "settings are refused",
               faults, problems.size() - faults);
  return faults == 0 ? kClean : kSettings;
}

// Builds what a start would serve, and appends what is wrong with it.
void try_build(const std::shared_ptr<const settings::Settings>& settings, plugin::Loader& loader,
               const base::Clock& clock, bool is_online, std::vector<Problem>& problems) {
  observe::Metrics metrics;
  net::HttpsFetcher fetcher;
  keys::KeyStore store({"", &clock, &fetcher, nullptr, &metrics});
  runtime::BuildTools tools = runtime::trial_tools(loader, metrics, clock);
  // Nothing that is made with it outlives the check.
  if (auto key = state::make_ephemeral_key()) tools.caller_secret = std::move(*key);
  if (is_online) tools.open_keys = [&](const keys::KeySourceSettings& source) { return store.open(source); };
  const runtime::BuildOutcome built = runtime::build_snapshot(settings, nullptr, tools);
  problems.insert(problems.end(), built.problems.begin(), built.problems.end());
  if (is_online && built.snapshot != nullptr) try_sources(*built.snapshot, problems);
}

}  // namespace

int check_settings(const std::string& config_file, const Environment& environment, bool is_online) {
  const base::SystemClock clock;
  plugin::Loader loader({"", nullptr});  // without a cache: a check leaves nothing behind
  settings::LoadRequest request;
  request.config_file = config_file;
  request.environment = environment;
  request.plugin_schemas = &loader;
  loader.begin_generation();
  settings::LoadOutcome outcome = settings::load(request);
  if (outcome.settings != nullptr) {
    try_certificates(*outcome.settings, outcome.problems);
    try_build(outcome.settings, loader, clock, is_online, outcome.problems);
  } else {
    try_certificates(outcome.refused->as_read, outcome.problems);
    runtime::judge_refused(*outcome.refused, loader, clock, outcome.problems);
  }
  return conclude(outcome.problems);
}

}  // namespace bearerd::app
