#include "app/gauges.hpp"

#include <algorithm>

#include "verify/worker.hpp"

namespace bearerd::app {

namespace {

// Whoever fetches keys says so itself; those of files came with the settings.
void tell_file_keys(const runtime::Provider& provider, base::WallTime now) {
  const auto is_fetched = [](const runtime::BoundKeys& bound) { return bound.source->settings().is_fetched(); };
  if (provider.keys.empty() || std::ranges::any_of(provider.keys, is_fetched)) return;
  std::size_t count = 0;
  for (const runtime::BoundKeys& bound : provider.keys) count += bound.source->status().key_count;
  provider.metrics->set_keys(count, false, now);
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
  for (const auto& provider : snapshot.providers) tell_file_keys(*provider, clock.wall());
  update_plugins(snapshot);
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
