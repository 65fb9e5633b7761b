#include "app/operator_calls.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <string_view>
#include <thread>
#include <utility>

#include "app/status_report.hpp"

namespace bearerd::app {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kControlPatience{5};
// Longer than an issuer takes that answers at all; a fetch goes on without us.
constexpr std::chrono::seconds kRefreshPatience{5};

const runtime::Provider* find_provider(const runtime::Snapshot& snapshot, std::string_view name) {
  const auto found =
      std::ranges::find_if(snapshot.providers, [&](const auto& provider) { return provider->settings.name == name; });
  return found == snapshot.providers.end() ? nullptr : found->get();
}

// A source whose fetch is waited for.
struct Awaited {
  std::shared_ptr<keys::KeySource> source;
  std::uint64_t fetches = 0;  // that had ended before

  [[nodiscard]] bool is_over() const { return source->status().fetches > fetches; }
  [[nodiscard]] bool has_failed() const { return !source->status().last_error.empty(); }
};

std::vector<Awaited> begin_refresh(const runtime::Provider& provider) {
  std::vector<Awaited> awaited;
  for (const runtime::BoundKeys& bound : provider.keys) {
    if (!bound.source->settings().is_fetched()) continue;
    awaited.push_back({bound.source, bound.source->status().fetches});
    bound.source->refresh();
  }
  return awaited;
}

// Asked for by hand, a few times a day: looking every 20 ms costs less than a way to be told.
http::RefreshResult refresh(const runtime::Snapshot& snapshot, const std::string& name) {
  using http::RefreshResult;
  const runtime::Provider* provider = find_provider(snapshot, name);
  if (provider == nullptr) return RefreshResult::kNothingToFetch;
  const std::vector<Awaited> awaited = begin_refresh(*provider);
  if (awaited.empty()) return RefreshResult::kNothingToFetch;
  const auto deadline = std::chrono::steady_clock::now() + kRefreshPatience;
  while (!std::ranges::all_of(awaited, &Awaited::is_over)) {
    if (std::chrono::steady_clock::now() >= deadline) return RefreshResult::kPending;
    std::this_thread::sleep_for(20ms);
  }
  return std::ranges::any_of(awaited, &Awaited::has_failed) ? RefreshResult::kFailed : RefreshResult::kFetched;
}

// By name. What serves: after a refused reload, or beside a candidate, the loader knows other files.
std::vector<http::PluginStatus> plugin_statuses(const runtime::Snapshot& snapshot) {
  std::map<std::string_view, http::PluginStatus> serving;
  for (const auto& provider : snapshot.providers) {
    const plugin::PluginDescription& plugin = provider->plugin->description();
    http::PluginStatus& status = serving[plugin.name];
    if (status.providers.empty()) status.plugin = plugin;
    status.providers.push_back(provider->settings.name);
  }
  std::vector<http::PluginStatus> statuses;
  statuses.reserve(serving.size());
  for (auto& [name, status] : serving) statuses.push_back(std::move(status));
  return statuses;
}

base::Result<http::PluginStatus> plugin_status(plugin::Loader& loader, const runtime::Snapshot& snapshot,
                                               const std::string& name) {
  for (http::PluginStatus& status : plugin_statuses(snapshot)) {
    if (status.plugin.name == name) return std::move(status);
  }
  auto plugin = loader.describe(snapshot.settings->plugins, name);
  if (!plugin) return tl::make_unexpected(plugin.error());
  return http::PluginStatus{std::move(*plugin), {}};
}

base::Result<void> set_enabled(const OperatorTools& tools, const std::string& name, bool is_enabled) {
  std::set<std::string> known;
  for (const auto& provider : tools.snapshots->get()->providers) known.insert(provider->settings.name);
  auto done = tools.disabled->set(name, is_enabled, known);
  if (done) tools.reloader->set_disabled(tools.disabled->current());
  return done;
}

bool set_log_level(const OperatorTools& tools, const http::LogLevelWish& wish) {
  tools.reloader->override_log_level(wish.level);
  tools.log_level->end.reset();
  if (wish.duration) tools.log_level->end = tools.clock->steady() + *wish.duration;
  return true;
}

std::uint64_t flush(const OperatorTools& tools) {
  const std::int64_t count = tools.cached_verdicts->load();
  tools.reloader->flush_verdicts();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, count));
}

}  // namespace

void add_operator_calls(http::AdminCalls& calls, const OperatorTools& tools) {
  calls.clock = tools.clock;
  calls.limits = [tools] { return tools.snapshots->get()->limits; };
  calls.settings = [tools] { return tools.snapshots->get()->settings; };
  calls.has_provider = [tools](const std::string& name) {
    return find_provider(*tools.snapshots->get(), name) != nullptr;
  };
  calls.providers = [tools] {
    return provider_statuses(*tools.snapshots->get(), tools.metrics->allows_by_provider(), tools.clock->steady());
  };
  calls.refresh = [tools](const std::string& name) { return refresh(*tools.snapshots->get(), name); };
  calls.set_enabled = [tools](const std::string& name, bool is_enabled) {
    return tools.control->run<base::Result<void>>(
        [tools, name, is_enabled] { return set_enabled(tools, name, is_enabled); }, kControlPatience);
  };
  calls.set_log_level = [tools](const http::LogLevelWish& wish) {
    return tools.control->run<bool>([tools, wish] { return set_log_level(tools, wish); }, kControlPatience);
  };
  calls.flush_cache = [tools] {
    return tools.control->run<std::uint64_t>([tools] { return flush(tools); }, kControlPatience);
  };
  calls.plugins = [tools] { return plugin_statuses(*tools.snapshots->get()); };
  calls.plugin = [tools](const std::string& name) {
    return tools.control->run<base::Result<http::PluginStatus>>(
        [tools, name] { return plugin_status(*tools.loader, *tools.snapshots->get(), name); }, kControlPatience);
  };
  calls.reloads = [tools] {
    return tools.control->run<std::vector<runtime::ReloadReport>>(
        [tools] {
          const auto& reports = tools.reloader->reports();
          return std::vector<runtime::ReloadReport>(reports.begin(), reports.end());
        },
        kControlPatience);
  };
}

}  // namespace bearerd::app
