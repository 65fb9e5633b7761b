// What the daemon sees of a loaded plugin: calls that can't throw, answers that can't be mistaken for a yes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/algorithm.hpp"
#include "base/claim_path.hpp"
#include "base/clock.hpp"
#include "base/reason.hpp"
#include "base/result.hpp"
#include "jose/claims.hpp"
#include "jose/token.hpp"
#include "settings/load.hpp"
#include "settings/settings.hpp"

namespace bearerd::observe {
class Log;
}

namespace bearerd::plugin {

// An issuer with one variable part, such as "https://login.microsoftonline.com/{tenantid}/v2.0"; the part must be one
// of `allowed` (empty: any value of the claim's grammar, never '/' or empty). `claim`, when set, must be a claim that
// holds the same value.
struct IssuerTemplate {
  std::string text;
  std::vector<std::string> allowed;
  std::string claim;
};

// Where keys are. Exactly what the plugin declared; the daemon adds what the settings say.
struct KeyLocation {
  std::string issuer;         // discovery for this issuer, when jwks_url is empty
  std::string discovery_url;  // empty: issuer + "/.well-known/openid-configuration"
  std::string jwks_url;
  std::vector<std::string> extra_hosts;
};

enum class TokenKind : std::uint8_t { kJwt = 1, kOpaque = 2, kBoth = 3 };

struct Trust {
  std::vector<std::string> issuers;
  std::vector<IssuerTemplate> templates;
  std::vector<KeyLocation> keys;
  std::vector<std::string> audiences;       // besides the settings'; a token must have one of all
  std::vector<base::Algorithm> algorithms;  // empty: the default of the settings
  base::ClaimPath audience_claim;           // default "aud"
  bool checks_audience = false;             // the plugin's own check() binds the token to us (Google's hd, …)
  bool checks_binding = false;              // the plugin checks `cnf`; otherwise such tokens are refused
  TokenKind kinds = TokenKind::kJwt;
};

// What a plugin says about who the bearer is. An absent member: the daemon's common rules (settings' paths) decide.
struct Identity {
  std::string user_id, name, email, project, session;
  std::vector<std::string> roles;
  bool has_user_id = false, has_name = false, has_email = false, has_project = false, has_session = false,
       has_roles = false;
};

class Endpoints;

// What check() found. With `needs_enrichment`, kOk is only half the answer: enrich() has the other.
struct Checked {
  base::Reason reason = base::Reason::kInternal;
  bool needs_enrichment = false;
};

// One call of resolve() or enrich(): whom it may ask, about which credential, and how long it may take.
struct Inquiry {
  const Endpoints& endpoints;
  std::string_view credential;
  base::SteadyTime deadline;
};

struct Resolved {
  base::Reason reason = base::Reason::kInternal;
  std::optional<jose::ClaimsDocument> claims;  // an endpoint's answer; set exactly when the reason is kOk
  std::optional<std::int64_t> valid_until;     // seconds since the epoch
};

struct Enriched {
  base::Reason reason = base::Reason::kInternal;
  Identity identity;
  std::optional<std::int64_t> valid_until;
};

struct PluginDescription {
  std::string name, version, file;
  std::string digest;  // hex, of the file; with the settings' digest it makes the epoch of the provider
  std::string abi;     // "1.0"
  settings::PluginSchema schema;
};

// One provider entry's instance of a plugin. create() made it; its library stays loaded as long as it lives.
class Instance {
 public:
  virtual ~Instance() = default;
  [[nodiscard]] virtual const Trust& trust() const noexcept = 0;
  // Of the file that serves, whatever lies in its place by now.
  [[nodiscard]] virtual const PluginDescription& description() const noexcept = 0;
  [[nodiscard]] std::string_view plugin_name() const noexcept { return description().name; }
  [[nodiscard]] std::string_view plugin_version() const noexcept { return description().version; }
  [[nodiscard]] std::string_view library_digest() const noexcept { return description().digest; }
  // Any thread, never waits. kOk accepts; anything the plugin could not say properly is kInternal. `claims` are
  // verified.
  [[nodiscard]] virtual Checked check(const jose::Header& header, const jose::Claims& claims) const noexcept = 0;
  // Any thread, never waits. False: the plugin failed (kInternal).
  [[nodiscard]] virtual bool identify(const jose::Header& header, const jose::Claims& claims,
                                      Identity& identity) const noexcept = 0;
  [[nodiscard]] virtual bool can_resolve() const noexcept = 0;
  [[nodiscard]] virtual bool can_enrich() const noexcept = 0;
  // A worker; wait for the network. Only where the plugin can. Anything that it could not say properly is kInternal.
  [[nodiscard]] virtual Resolved resolve(const Inquiry& inquiry) const noexcept = 0;
  [[nodiscard]] virtual Enriched enrich(const jose::Header& header, const jose::Claims& claims,
                                        const Inquiry& inquiry) const noexcept = 0;
};

struct LoaderOptions {
  std::string cache_directory;  // for private copies; one that is empty or not ours is not used (private_copies.hpp)
  observe::Log* log = nullptr;
};

// Control thread only. Finds NAME in the directories as "NAME.so", verifies ownership, copies by digest, opens, checks.
class Loader final : public settings::PluginSchemas {
 public:
  explicit Loader(const LoaderOptions& options);
  ~Loader() override;
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // Called at the start of each load or reload: files are looked at anew (once each) until the next call.
  void begin_generation();
  [[nodiscard]] base::Result<const settings::PluginSchema*> schema(const settings::Plugins& plugins,
                                                                   std::string_view plugin) override;
  // An instance for this entry: the error says which setting and why when the plugin refuses.
  struct Refusal {
    std::string setting, text;
  };  // setting: key inside the provider entry, may be empty
  [[nodiscard]] tl::expected<std::shared_ptr<const Instance>, Refusal> create(const settings::Plugins& plugins,
                                                                              const settings::Provider& provider);
  // Of a plugin in the directories that no entry needs to have: it is opened for this, and let go.
  [[nodiscard]] base::Result<PluginDescription> describe(const settings::Plugins& plugins, const std::string& name);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bearerd::plugin
