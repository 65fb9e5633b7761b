#include "app/gauges.hpp"

#include <algorithm>

#include "verify/worker.hpp"

namespace bearerd::app {

namespace {

bool is_from_files(const runtime::Provider& provider) {
  return !provider.keys.empty() && std::ranges::none_of(provider.keys, [](const runtime::BoundKeys& bound) {
    return bound.source->settings().is_fetched();
  });
}

}  // namespace

void Gauges::update(const runtime::Snapshot& snapshot, const base::Clock& clock) {
  const auto states = verify::provider_states(snapshot, clock.steady());
  for (std::size_t i = 0; i < states.size(); ++i) {
    snapshot.providers[i]->metrics->set_ready(states[i].readiness == runtime::ProviderReadiness::kReady,
                                              !states[i].is_optional);
  }
  if (snapshot.serial == seen_serial_) return;
  seen_serial_ = snapshot.serial;
  tell_file_keys(snapshot, clock.wall());
  update_plugins(snapshot);
}

// Whoever fetches keys says so itself; those of files came with the settings, and stay while the entry does.
void Gauges::tell_file_keys(const runtime::Snapshot& snapshot, base::WallTime now) {
  std::map<std::string, std::uint64_t> told;
  for (const auto& provider : snapshot.providers) {
    if (!is_from_files(*provider)) continue;
    const std::string& name = provider->settings.name;
    const auto before = told_.find(name);
    told[name] = provider->epoch;
    if (before != told_.end() && before->second == provider->epoch) continue;
    std::size_t count = 0;
    for (const runtime::BoundKeys& bound : provider->keys) count += bound.source->status().key_count;
    provider->metrics->set_keys(count, false, now);
  }
  told_ = std::move(told);
}

void Gauges::update_plugins(const runtime::Snapshot& snapshot) {
  std::map<std::string, Exported> serving;
  for (const auto& provider : snapshot.providers) {
    const plugin::PluginDescription& plugin = provider->plugin->description();
    serving[plugin.name] = {plugin.version, plugin.abi};
  }
  for (const auto& [name, before] : plugins_) {
    const auto found = serving.find(name);
    if (found == serving.end() || found->second != before) metrics_.set_plugin(name, before.version, before.abi, false);
  }
  for (const auto& [name, now] : serving) metrics_.set_plugin(name, now.version, now.abi, true);
  plugins_ = std::move(serving);
}

}  // namespace bearerd::app
