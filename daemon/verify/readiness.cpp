#include <algorithm>
#include <vector>

#include "verify/worker.hpp"

namespace bearerd::verify {
namespace {

using runtime::ProviderReadiness;

ProviderReadiness readiness_of(const runtime::Provider& provider, base::SteadyTime now) {
  constexpr std::chrono::seconds kPatience{10};
  // A provider of opaque tokens only is ready when it is configured.
  if (provider.keys.empty()) return ProviderReadiness::kReady;
  bool has_tried_all = true;
  for (const runtime::BoundKeys& bound : provider.keys) {
    const keys::KeySourceStatus status = bound.source->status();
    if (status.is_ready) return ProviderReadiness::kReady;
    has_tried_all = has_tried_all && status.has_tried;
  }
  return has_tried_all || now - provider.opened_at >= kPatience ? ProviderReadiness::kFailed
                                                                : ProviderReadiness::kWaiting;
}

}  // namespace

std::vector<ProviderState> provider_states(const runtime::Snapshot& snapshot, base::SteadyTime now) {
  std::vector<ProviderState> states;
  states.reserve(snapshot.providers.size());
  for (const auto& provider : snapshot.providers) {
    const ProviderReadiness readiness =
        snapshot.is_disabled(*provider) ? ProviderReadiness::kDisabled : readiness_of(*provider, now);
    states.push_back({provider->settings.name, readiness, provider->settings.is_optional});
  }
  return states;
}

bool is_ready(const std::vector<ProviderState>& states, bool all) {
  const auto is = [](ProviderReadiness readiness) {
    return [readiness](const ProviderState& state) { return state.readiness == readiness; };
  };
  const auto holds_startup_back = [](const ProviderState& state) {
    return !state.is_optional && state.readiness == ProviderReadiness::kWaiting;
  };
  const auto is_missing = [](const ProviderState& state) {
    return !state.is_optional && state.readiness != ProviderReadiness::kReady;
  };
  if (all && std::any_of(states.begin(), states.end(), is_missing)) return false;
  return std::none_of(states.begin(), states.end(), holds_startup_back) &&
         std::any_of(states.begin(), states.end(), is(ProviderReadiness::kReady));
}

}  // namespace bearerd::verify
