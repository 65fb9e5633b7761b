#include "app/check.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

#include "app/exit_code.hpp"
#include "base/temporary_directory.hpp"
#include "http/tls_server.hpp"
#include "keys/key_store.hpp"
#include "net/https_fetcher.hpp"
#include "runtime/builder.hpp"
#include "state/state_key.hpp"

namespace bearerd::app {
namespace {

using settings::Problem;
using settings::Severity;

// Waits for each source's first answer; those without keys by then are told with their last error.
std::size_t report_unreachable(const runtime::Snapshot& snapshot) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::size_t failed = 0;
  for (const auto& provider : snapshot.providers) {
    for (const runtime::BoundKeys& bound : provider->keys) {
      keys::KeySourceStatus status = bound.source->status();
      while (!status.has_tried && !status.is_ready && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        status = bound.source->status();
      }
      if (status.is_ready) {
        std::printf("identityProviders.%s: %zu keys\n", provider->settings.name.c_str(), status.key_count);
        continue;
      }
      ++failed;
      std::printf("identityProviders.%s: no keys: %s\n", provider->settings.name.c_str(),
                  status.last_error.empty() ? "no answer within 10 seconds" : status.last_error.c_str());
    }
  }
  return failed;
}

// What a start would stop at.
void report_certificate(const std::optional<settings::TlsFiles>& files, std::string_view path,
                        std::vector<Problem>& problems) {
  if (!files) return;
  const auto tls = http::TlsServer::open(*files);
  if (tls) return;
  Problem problem;
  problem.path = path;
  problem.text = tls.error().text;
  problems.push_back(std::move(problem));
}

int conclude(const std::vector<Problem>& problems, std::size_t unreachable) {
  std::size_t faults = unreachable;
  for (const Problem& problem : problems) {
    if (problem.severity == Severity::kFault) ++faults;
    std::printf("%s\n", problem.display().c_str());
  }
  std::fflush(stdout);
  const std::size_t warnings = problems.size() + unreachable - faults;
  std::fprintf(stderr, "%s: %zu faults, %zu warnings\n", faults == 0 ? "settings are good" : "settings are refused",
               faults, warnings);
  return faults == 0 ? kClean : kSettings;
}

}  // namespace

int check_settings(const std::string& config_file, const Environment& environment, bool is_online) {
  // The loader maps copies of the plugins; a check leaves nothing behind.
  const base::TemporaryDirectory directory("bearerd-check");
  const base::SystemClock clock;
  plugin::Loader loader({directory.path(), nullptr});
  settings::LoadRequest request;
  request.config_file = config_file;
  request.environment = environment;
  request.plugin_schemas = &loader;
  loader.begin_generation();
  settings::LoadOutcome outcome = settings::load(request);
  if (outcome.settings == nullptr) return conclude(outcome.problems, 0);

  observe::Metrics metrics;
  net::HttpsFetcher fetcher;
  keys::KeyStore store({"", &clock, &fetcher, nullptr, &metrics});
  runtime::BuildTools tools;
  tools.plugins = &loader;
  tools.metrics = &metrics;
  tools.clock = &clock;
  // Nothing that is made with it outlives the check.
  if (auto key = state::make_ephemeral_key()) tools.caller_secret = std::move(*key);
  tools.open_keys = [&](const keys::KeySourceSettings& source) {
    return is_online ? store.open(source) : keys::make_fixed_source(source.provider, jose::KeySet());
  };
  const runtime::BuildOutcome built = runtime::build_snapshot(outcome.settings, nullptr, tools);
  outcome.problems.insert(outcome.problems.end(), built.problems.begin(), built.problems.end());
  const settings::Listen& listen = outcome.settings->listen;
  report_certificate(listen.tls, "listen.tls", outcome.problems);
  if (listen.admin_tls != listen.tls) report_certificate(listen.admin_tls, "listen.adminTls", outcome.problems);
  const std::size_t unreachable = is_online && built.snapshot != nullptr ? report_unreachable(*built.snapshot) : 0;
  return conclude(outcome.problems, unreachable);
}

}  // namespace bearerd::app
