// The one world that a request sees: settings, keys and plugins together, immutable but for the keys' own refresh.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/authorizer.hpp"
#include "base/clock.hpp"
#include "base/published.hpp"
#include "base/secret.hpp"
#include "jose/validity.hpp"
#include "keys/key_store.hpp"
#include "observe/metrics.hpp"
#include "plugin/endpoints.hpp"
#include "plugin/instance.hpp"
#include "settings/settings.hpp"
#include "state/disabled_providers.hpp"
#include "state/limit_table.hpp"
#include "state/revocation_set.hpp"

namespace bearerd::runtime {

// A key source, and which issuer's tokens its keys may verify (RFC 8725 §3.8); empty: all of the provider's issuers.
struct BoundKeys {
  std::string issuer;
  std::shared_ptr<keys::KeySource> source;
};

// One entry of identityProviders, ready to decide. Carried over unchanged to the next snapshot when nothing about it
// changed.
struct Provider {
  settings::Provider settings;
  std::shared_ptr<const plugin::Instance> plugin;  // before `keys`: what it declared outlives its use
  std::vector<BoundKeys> keys;
  std::vector<std::string> audiences;  // settings' and plugin's
  std::vector<base::Algorithm>
      algorithms;  // the allow-list; empty: what the keys can serve, never HS* beside public keys
  jose::TimeRules time;
  std::shared_ptr<const plugin::Endpoints> endpoints;  // null: nothing can be asked (a check of settings)
  std::shared_ptr<observe::ProviderMetrics> metrics;
  std::vector<std::string> unchecked;  // checks that the settings leave out: "audience", "issuer", "signature"
  std::uint64_t epoch = 0;             // unique per (settings, plugin file); never reused in this process
  base::SteadyTime opened_at{};        // for readiness
};

// Whether a JWT of its issuers is verified here.
[[nodiscard]] bool takes_jwts(const Provider& provider) noexcept;
// Whether it can be asked about a credential that says nothing by itself.
[[nodiscard]] bool takes_opaque(const Provider& provider) noexcept;
// Which issuers it answers for, by the settings and by its plugin; the settings' pattern is not among them.
[[nodiscard]] std::vector<std::string> issuers_of(const Provider& provider);
// Whether something says which issuers are its own.
[[nodiscard]] bool has_issuer_rule(const Provider& provider) noexcept;

// Which provider vouches for an issuer: exact wins, then templates, then patterns in file order.
struct IssuerMatch {
  std::size_t provider = 0;         // index in Snapshot::providers
  std::string_view template_value;  // what stood for the template's variable part
  std::string_view template_claim;  // the claim that must hold the same; empty: none
  bool is_ambiguous = false;        // a second pattern matches too
};

// kDisabled: an operator switched it off; its tokens are refused whatever its keys say.
enum class ProviderReadiness : std::uint8_t { kReady = 1, kWaiting, kFailed, kDisabled };
// As /readyz and the admin API call it.
[[nodiscard]] std::string_view name(ProviderReadiness readiness) noexcept;

class Snapshot : public std::enable_shared_from_this<Snapshot> {
 public:
  std::uint64_t serial = 0;  // unique in this process
  std::uint64_t static_generation = 0, dynamic_generation = 0;
  std::shared_ptr<const settings::Settings> settings;
  std::shared_ptr<const access::Authorizer> authorizer;    // shared by snapshots whose rules are the same
  std::vector<std::shared_ptr<const Provider>> providers;  // in file order
  std::shared_ptr<const state::LimitTable> limits;         // shared while the dynamic settings stay the same
  // Of state.revocationsFile; never null once it is built.
  std::shared_ptr<const state::RevocationSet> listed_revocations = state::RevocationSet::empty();
  std::shared_ptr<observe::ProviderMetrics> no_provider_metrics, api_key_metrics;
  // Never null.
  std::shared_ptr<const state::DisabledProviders> disabled = std::make_shared<const state::DisabledProviders>();
  [[nodiscard]] bool is_disabled(const Provider& provider) const { return disabled->contains(provider.settings.name); }
  std::string resource_metadata;  // RFC 9728 JSON; empty: none
  std::uint64_t epoch = 0;        // changes with verify.* and whatever else is baked into remembered verdicts

  [[nodiscard]] std::optional<IssuerMatch> find_issuer(std::string_view issuer) const;
  // Filled by the builder; looked up without making a string.
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> exact_issuers;
  base::Secret caller_secret;  // state.keyFile, for Identity::caller
};

using SnapshotBox = base::Published<Snapshot>;

}  // namespace bearerd::runtime
