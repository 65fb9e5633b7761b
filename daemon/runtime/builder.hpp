// Settings → the snapshot that serves them. Nothing here waits for the network: keys come later by themselves.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "keys/key_store.hpp"
#include "observe/metrics.hpp"
#include "plugin/instance.hpp"
#include "runtime/snapshot.hpp"
#include "settings/load.hpp"

namespace bearerd::runtime {

struct BuildTools {
  plugin::Loader* plugins = nullptr;
  observe::Metrics* metrics = nullptr;
  const base::Clock* clock = nullptr;
  // KeyStore::open; a check of settings passes one that opens nothing.
  std::function<std::shared_ptr<keys::KeySource>(const keys::KeySourceSettings&)> open_keys;
  net::Fetcher* fetcher = nullptr;  // asks providers about tokens; null: nobody asks
  observe::Log* log = nullptr;      // may be null
  base::Secret caller_secret;
  std::shared_ptr<const state::DisabledProviders> disabled = std::make_shared<const state::DisabledProviders>();
};

struct BuildOutcome {
  std::shared_ptr<Snapshot> snapshot;  // null when there is a fault; not yet published, its generations not yet set
  std::vector<settings::Problem> problems;
};

// For a build that nobody serves: no source of keys is opened. `nobodys`: series of what is only tried are not
// exported.
[[nodiscard]] BuildTools trial_tools(plugin::Loader& plugins, observe::Metrics& nobodys, const base::Clock& clock);

// Control thread. Providers whose settings and plugin file are unchanged are carried over from `previous` (may be
// null), warm.
[[nodiscard]] BuildOutcome build_snapshot(std::shared_ptr<const settings::Settings> settings, const Snapshot* previous,
                                          BuildTools& tools);

// Control thread. Appends the faults (and warnings) that a build would have found as well, had the settings come so
// far.
void judge_refused(const settings::RefusedSettings& refused, plugin::Loader& plugins, const base::Clock& clock,
                   std::vector<settings::Problem>& problems);

}  // namespace bearerd::runtime
