// The keys of every provider: fetched in the background, kept while fresh or tolerably stale, remembered on disk.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "jose/key.hpp"
#include "net/fetch.hpp"

namespace bearerd::observe {
class Log;
class Metrics;
}  // namespace bearerd::observe

namespace bearerd::keys {

// Where keys come from, and how long they are good. Two equal values are the same source: its keys survive a reload.
struct KeySourceSettings {
  std::string provider;       // for metrics, logs and the worker: one provider's trouble is never another's
  std::string issuer;         // discovery: the document's `issuer` must equal it; may be empty with `jwks_url`
  std::string discovery_url;  // empty: no discovery
  std::string jwks_url;       // empty: from discovery
  std::vector<std::string> extra_jwks_hosts;  // hosts besides the issuer's on which a discovered jwks_uri may be
  [[nodiscard]] bool is_fetched() const noexcept {
    return !jwks_url.empty() || !discovery_url.empty() || !issuer.empty();
  }
  std::string ca_file;
  std::string ca_digest;  // of the file's bytes: keys that came under a replaced CA do not live on
  std::chrono::milliseconds positive_ttl{600'000};  // DIAL's positiveCacheExpirationMs: bounds Cache-Control from above
  std::chrono::milliseconds negative_ttl{
      10'000};  // DIAL's negativeCacheExpirationMs: a failed look-up of a kid is remembered so long
  std::chrono::seconds stale_limit{24 * 3600};  // how long the last good keys are used while the issuer is down
  std::chrono::seconds unknown_kid_cooldown{30};

  friend bool operator==(const KeySourceSettings&, const KeySourceSettings&) = default;
};

struct KeySourceStatus {
  bool is_ready = false;   // has usable keys now
  bool has_tried = false;  // answered or failed at least once since it was opened (for readiness)
  bool is_stale = false;   // past its freshness, within the stale limit
  bool is_from_disk = false;
  std::size_t key_count = 0;
  std::uint64_t fetches = 0;      // that ended, well or badly
  base::WallTime last_success{};  // epoch: never
  std::string last_error;         // for the admin API; no secret
};

// What became of asking for a key that the current set lacks.
enum class Wanted : std::uint8_t {
  kPresent = 1,  // it is in the set by now: look again
  kAbsent,       // looked for in a set fetched since; not there (unknown_key)
  kPending,      // a fetch is under way; `done` will be called once, from any thread
  kCoolingDown,  // not looked for, and no fetch may start yet (503 with Retry-After)
  kUnavailable,  // no usable keys, and the source does not answer (provider_unavailable)
};

struct WantedAnswer {
  Wanted wanted = Wanted::kUnavailable;
  std::chrono::seconds retry_after{1};
};

// One source. Any thread may ask; nothing here waits for the network.
class KeySource {
 public:
  virtual ~KeySource() = default;
  // The keys that may be used now; null when there are none, or none that are fresh enough.
  [[nodiscard]] virtual std::shared_ptr<const jose::KeySet> current() const = 0;
  // Changes whenever what current() returns changes in content, also when it becomes null. Never 0. One atomic load.
  [[nodiscard]] virtual std::uint64_t epoch() const noexcept = 0;
  [[nodiscard]] virtual KeySourceStatus status() const = 0;
  // A token names this kid (or thumbprint; empty: names none) and the current set has no fitting key. `done` is kept
  // only for kPending.
  [[nodiscard]] virtual WantedAnswer want(std::string_view key_name, std::function<void()> done) = 0;
  // Fetch now, whatever the age (admin, tests); coalesced with a fetch under way.
  virtual void refresh() = 0;
  [[nodiscard]] virtual const KeySourceSettings& settings() const noexcept = 0;
};

// Keys that never change by themselves (files on disk; read by the reloader).
[[nodiscard]] std::shared_ptr<KeySource> make_fixed_source(std::string provider, jose::KeySet keys);

struct KeyStoreOptions {
  std::string cache_directory;  // empty: nothing is kept on disk
  const base::Clock* clock = nullptr;
  net::Fetcher* fetcher = nullptr;
  observe::Log* log = nullptr;
  observe::Metrics* metrics = nullptr;
};

// Owns one worker thread per provider that has a source to fetch, so that a hanging resolver costs only its own
// provider.
class KeyStore {
 public:
  explicit KeyStore(KeyStoreOptions options);
  ~KeyStore();  // stops the workers; a fetch under way is given up at its deadline at most
  KeyStore(const KeyStore&) = delete;
  KeyStore& operator=(const KeyStore&) = delete;

  // Control thread. An open source with equal settings is returned as it is, warm; else a new one starts: from disk at
  // once when there is a last good copy, and from the network in the background. A source that nobody holds any more
  // stops by itself.
  [[nodiscard]] std::shared_ptr<KeySource> open(const KeySourceSettings& settings);

  // Any thread. The workers look at the clock again: for a clock that was moved by hand.
  void wake();
  // Ends the threads of providers that nobody holds any more, and their series with them. Once in a while.
  void sweep();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bearerd::keys
