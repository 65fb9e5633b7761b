#include "app/gauges.hpp"

#include "verify/worker.hpp"

namespace bearerd::app {

void Gauges::update(const runtime::Snapshot& snapshot, base::SteadyTime now) {
  const auto states = verify::provider_states(snapshot, now);
  for (std::size_t i = 0; i < states.size(); ++i) {
    snapshot.providers[i]->metrics->set_ready(states[i].readiness == runtime::ProviderReadiness::kReady,
                                              !states[i].is_optional);
  }
  if (snapshot.serial == seen_serial_) return;
  seen_serial_ = snapshot.serial;
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
