// What the settings say, typed, checked and complete with defaults. Only `load()` (load.hpp) makes these; whoever holds
// one need not check it again. Immutable after loading; any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/algorithm.hpp"
#include "base/claim_path.hpp"
#include "base/secret.hpp"
#include "settings/api_key_hash.hpp"
#include "settings/revocation.hpp"

namespace bearerd::settings {

class Regex;  // regex.hpp: RE2, matched whole

struct Address {
  bool is_unix = false;
  std::string host;  // TCP: a numeric address
  std::uint16_t port = 0;
  std::string path;                           // UNIX
  [[nodiscard]] std::string display() const;  // "127.0.0.1:9180", "[::1]:9180", "unix:/run/bearerd/verify.sock"
  friend bool operator==(const Address&, const Address&) = default;
};

struct TlsFiles {
  std::string certificate_file, key_file;
  friend bool operator==(const TlsFiles&, const TlsFiles&) = default;
};

// Read at start; a reload that changes these says so and leaves them.
struct Listen {
  std::vector<Address> verify, metrics, admin;
  std::optional<TlsFiles> tls;         // of verify's TCP addresses
  std::optional<TlsFiles> admin_tls;   // of admin's; complete: `tls` where the settings don't say it
  unsigned threads = 0;                // 0: one per core, at most 4
  std::size_t max_connections = 8192;  // over all loops of the verify listener
  std::size_t max_header_bytes = 32 * 1024;
  std::size_t max_body_bytes = 64 * 1024;          // drained and ignored up to here
  std::chrono::milliseconds header_timeout{5000};  // from a request's first byte to its end
  std::chrono::milliseconds idle_timeout{75'000};
  std::chrono::milliseconds drain_timeout{10'000};
  friend bool operator==(const Listen&, const Listen&) = default;
};

struct Plugins {
  std::vector<std::string> directories;
  bool allow_own_user = false;
  friend bool operator==(const Plugins&, const Plugins&) = default;
};

struct IdentityHeaderNames {
  std::string user = "X-Auth-Request-User", name = "X-Auth-Request-Name", email = "X-Auth-Request-Email",
              groups = "X-Auth-Request-Groups", provider = "X-Auth-Request-Provider",
              project = "X-Auth-Request-Project", user_key = "X-Auth-Request-User-Key", caller = "X-Bearerd-Caller",
              groups_omitted = "X-Auth-Request-Groups-Omitted";
  friend bool operator==(const IdentityHeaderNames&, const IdentityHeaderNames&) = default;
};

enum class DefaultRoute : std::uint8_t { kAllow = 1, kDeny };

// Who may ask /introspect.
struct IntrospectionClient {
  std::string id, secret_file;
  base::Secret secret;  // content of the file
  friend bool operator==(const IntrospectionClient&, const IntrospectionClient&) = default;
};

struct Verify {
  std::string realm = "bearerd";
  std::string resource;  // RFC 9728; empty: no metadata
  std::vector<std::string> scopes_supported;
  std::string resource_name;
  std::chrono::milliseconds wait{150};  // waitMs
  bool hide_unknown = false;
  bool expose_reasons = false;
  bool strip_credentials = false;
  std::size_t max_identity_bytes = 3072;
  std::size_t max_token_bytes = 16 * 1024;
  IdentityHeaderNames identity_headers;
  std::optional<std::vector<std::string>> resource_rules;  // patterns with one group; absent: DIAL Core's URLs
  std::optional<DefaultRoute> default_route;               // absent: deny once there is a route, else allow
  std::vector<IntrospectionClient> introspection_clients;  // none: /introspect is off
  friend bool operator==(const Verify&, const Verify&) = default;
};

// Whether an identity that was made under one can be served under the other.
[[nodiscard]] inline bool makes_same_identities(const Verify& a, const Verify& b) {
  return a.max_identity_bytes == b.max_identity_bytes && a.max_token_bytes == b.max_token_bytes &&
         a.identity_headers == b.identity_headers && a.introspection_clients.empty() == b.introspection_clients.empty();
}

struct Cache {
  std::chrono::seconds verdict_life{300};  // verdictSeconds; 0 switches the cache off
  std::size_t verdict_entries = 65536;     // over all loops
  std::chrono::seconds opaque_life{30};    // opaqueSeconds: what a provider said about a token
  friend bool operator==(const Cache&, const Cache&) = default;
};

enum class LogLevel : std::uint8_t { kDebug = 1, kInfo, kNotice, kWarning, kError };
enum class LogFormat : std::uint8_t { kAuto = 1, kJson, kText };

struct LogSettings {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kAuto;
  bool logs_allows = false;  // decisions: "all"
  unsigned refusals_per_second = 20;
  friend bool operator==(const LogSettings&, const LogSettings&) = default;
};

enum class StateStore : std::uint8_t { kEmbedded = 1, kRedis };

struct Redis {
  std::string address = "127.0.0.1:6379";  // host:port, or unix:/path
  std::string user, password_file;
  base::Secret password;                   // content of the file
  std::chrono::milliseconds deadline{50};  // of one question; deadlineMs
  unsigned connections = 2;
  bool refuses_on_failure = false;  // onFailure: "refuse"
  friend bool operator==(const Redis&, const Redis&) = default;
};

struct State {
  std::string directory;                            // $STATE_DIRECTORY or /var/lib/bearerd
  std::string key_file;                             // default: <directory>/state.key
  std::string revocations_file;                     // empty: none
  std::chrono::seconds longest_token_life{86'400};  // longestTokenLifeSeconds
  StateStore store = StateStore::kEmbedded;
  std::optional<Redis> redis;
  friend bool operator==(const State&, const State&) = default;
};

struct Admin {
  std::vector<std::string> providers;
  std::size_t recent_decisions = 0;  // how many are kept; 0: none
  friend bool operator==(const Admin&, const Admin&) = default;
};

// Read at start only.
struct Insecure {
  bool remote_verify = false;
  std::vector<std::string> accept_unbound, accept_unverified;
  friend bool operator==(const Insecure&, const Insecure&) = default;
};

enum class RuleFunction : std::uint8_t { kEqual = 1, kContain, kRegex, kTrue, kFalse };
struct Rule {
  std::string source;  // "roles" or a claim name
  RuleFunction function = RuleFunction::kFalse;
  std::vector<std::string> targets;
  friend bool operator==(const Rule&, const Rule&) = default;
};

enum class TokenUse : std::uint8_t { kAccess = 1, kId, kAny };

enum class ClientAuthentication : std::uint8_t { kBasic = 1, kPost };  // RFC 6749 §2.3.1
enum class IntrospectedTokens : std::uint8_t { kOpaque = 1, kAll };

struct Introspection {
  std::string url, client_id;
  base::Secret client_secret;
  ClientAuthentication authentication = ClientAuthentication::kBasic;
};

// Where a key of the settings stands, so that whoever finds fault with its value later can name the place.
struct Location {
  std::string file;
  std::size_t line = 0, column = 0;  // from 1; 0: not from a file (environment, default)
};

struct Provider {
  std::string name, plugin;
  std::vector<std::string> issuers;             // exact
  std::shared_ptr<const Regex> issuer_pattern;  // null: none
  std::string issuer_pattern_text;
  std::string jwks_url, user_info_endpoint, ca_file;  // empty: not set
  std::string jwks_file, public_key_file, hmac_secret_file;
  std::string ca_file_digest;                   // hex, of the bytes of caFile; empty without one
  std::string jwks_file_text, public_key_text;  // content, read with the settings; parsed by whoever builds keys
  base::Secret hmac_secret;
  std::vector<base::Algorithm> algorithms;  // empty: the default
  std::vector<std::string> audience;        // empty: not checked
  std::vector<base::ClaimPath> role_paths;
  // A list of several paths, read as the segments of one: where a token has that one, it is meant.
  std::optional<base::ClaimPath> role_list_path;
  std::string role_function;  // "fn:getGoogleWorkspaceGroups"
  std::shared_ptr<const Regex> roles_delimiter;
  std::optional<base::ClaimPath> project_path, display_name_path, email_path, user_id_path, logging_key;
  base::Secret logging_salt;
  std::vector<base::ClaimPath> required_claims;
  TokenUse token_use = TokenUse::kAccess;
  std::chrono::seconds clock_skew{30};
  std::optional<std::chrono::seconds> max_token_age;
  bool is_exp_required = true;
  bool is_optional = false;
  bool is_unverified = false;  // disableJwtVerification, allowed by insecure.acceptUnverified
  std::chrono::milliseconds positive_ttl{600'000}, negative_ttl{10'000};
  std::optional<Introspection> introspection;
  // What the plugin's create() gets: one JSON object with the plugin's own keys (checked against its schema, defaults
  // filled in) and the common keys that a plugin may build on: name, issuer, issuerPattern, jwksUrl, userInfoEndpoint,
  // audience, tokenUse, introspection without its secret, rolePath, roleFunction.
  std::string plugin_settings_json;
  // The plugin's own keys alone, for the admin API: what its schema marks as secret is masked. A JSON object.
  std::string plugin_settings_shown = "{}";
  std::map<std::string, std::string, std::less<>> plugin_urls;  // the plugin's own keys that are URLs: it may ask there
  // Differs when anything above differs, whatever the order of keys or the comments in the file. Hex.
  std::string digest;
  std::map<std::string, Location, std::less<>> where;  // by key; "" is the entry itself
};

struct Limit {  // absent: not limited
  std::optional<std::int64_t> minute, day, week, month, request_hour, request_day;
};
struct CostLimit {
  std::optional<double> minute, day, week, month;
};
struct Role {
  std::map<std::string, Limit, std::less<>> limits;  // by deployment
  std::optional<CostLimit> cost;                     // over all deployments
};
struct ApiKey {
  ApiKeyHash hash;
  std::string project;
  std::vector<std::string> roles;
  bool is_secured = false;
  std::optional<std::vector<std::string>> address_ranges;  // CIDR texts, checked
};
struct Deployment {
  std::string kind;                                    // "models", "applications", …
  std::optional<std::vector<std::string>> user_roles;  // absent: everyone; empty: nobody
};
struct Route {
  std::string name;
  std::vector<std::string> paths;                      // checked patterns
  std::vector<std::string> methods;                    // empty: all
  std::vector<std::string> hosts;                      // empty: all; "*.example.com" stands for any name below
  std::optional<std::vector<std::string>> user_roles;  // as for a deployment
  std::optional<std::vector<std::string>> providers;   // absent: all; "api_key" stands for API keys
  std::optional<std::vector<Rule>> rules;              // absent: no claims are needed; one that matches is enough
  std::optional<std::chrono::seconds> max_token_age;
  std::int64_t order = 2147483647;
  bool is_anonymous = false;
  bool keeps_encoded_slashes = false;
};

// From the files in config.files.
struct Dynamic {
  std::map<std::string, Deployment, std::less<>> deployments;
  std::map<std::string, Role, std::less<>> roles;
  std::vector<ApiKey> keys;
  std::vector<Route> routes;  // by order, then file order
};

struct Settings {
  Listen listen;
  Plugins plugins;
  Verify verify;
  Cache cache;
  LogSettings log;
  State state;
  Admin admin;
  Insecure insecure;
  std::vector<Provider> providers;  // in file order
  std::vector<Rule> admin_rules, observe_rules, usage_rules;
  unsigned proxy_count = 0;                       // apiKeyValidation.proxyCount
  std::chrono::milliseconds reload_poll{60'000};  // config.reload
  std::vector<std::string> config_files;          // config.files
  std::vector<std::string> dynamic_files;         // that were read: config.files, or the one that needs no naming
  bool overwrites_arrays = false;                 // config.jsonMergeStrategy
  Dynamic dynamic;
  std::vector<Revocation> revocations;        // of state.revocationsFile
  std::string revocations_digest;             // hex
  std::string static_digest, dynamic_digest;  // hex, of the content's meaning
  // Of what is opened by others: "listen.tls", "listen.adminTls".
  std::map<std::string, Location, std::less<>> where;
};

}  // namespace bearerd::settings
