// One attempt to get a source's keys from the network.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "base/clock.hpp"
#include "jose/key.hpp"
#include "keys/key_store.hpp"
#include "observe/metrics.hpp"

namespace bearerd::keys {

class DiskCache;

// What a source works with; all of it outlives the source. `log`, `metrics` may be null.
struct SourceEnvironment {
  const base::Clock* clock = nullptr;
  net::Fetcher* fetcher = nullptr;
  observe::Log* log = nullptr;
  std::shared_ptr<observe::ProviderMetrics> metrics;
  std::shared_ptr<const DiskCache> cache;
  std::function<double()> random;  // [0, 1), for the delays; called by the worker alone
};

struct FetchedKeys {
  std::string discovery;  // the document, as received or as it was known; empty: none was used
  bool is_newly_discovered = false;
  std::string key_set;  // as received
  jose::ParsedKeySet parsed;
  std::chrono::seconds max_age{-1};
};

struct FetchTrouble {
  observe::FetchResult result = observe::FetchResult::kNetwork;
  base::Error error;
};

// One deadline over discovery and key set. `known_discovery` (may be empty) spares the first of the two requests.
[[nodiscard]] tl::expected<FetchedKeys, FetchTrouble> fetch_keys(const KeySourceSettings& settings,
                                                                 const SourceEnvironment& environment,
                                                                 const std::string& known_discovery);

}  // namespace bearerd::keys
