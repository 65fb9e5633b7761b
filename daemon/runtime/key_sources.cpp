#include "runtime/key_sources.hpp"

#include <algorithm>
#include <utility>

namespace bearerd::runtime {
namespace {

using settings::Severity;

// OpenID Connect Discovery §4.1 appends to the issuer; an issuer that ends in a slash must not get a second one.
std::string discovery_url_for(std::string_view issuer) {
  std::string url(issuer.ends_with('/') ? issuer.substr(0, issuer.size() - 1) : issuer);
  return url += "/.well-known/openid-configuration";
}

keys::KeySourceSettings common(const settings::Provider& settings) {
  keys::KeySourceSettings source;
  source.provider = settings.name;
  source.ca_file = settings.ca_file;
  source.ca_digest = settings.ca_file_digest;
  source.positive_ttl = settings.positive_ttl;
  source.negative_ttl = settings.negative_ttl;
  return source;
}

bool takes_opaque_tokens(const settings::Provider& settings, const plugin::Trust& trust) {
  return !settings.user_info_endpoint.empty() || settings.introspection.has_value() ||
         trust.kinds != plugin::TokenKind::kJwt;
}

bool names_key_file(const settings::Provider& settings) {
  return !settings.jwks_file.empty() || !settings.public_key_file.empty() || !settings.hmac_secret_file.empty();
}

class Collector {
 public:
  Collector(const settings::Provider& settings, std::vector<settings::Problem>& problems)
      : settings_(settings), problems_(problems) {}

  // What could not be read was told by then.
  void add_files() {
    if (!settings_.jwks_file_text.empty()) add_jwks_file();
    if (!settings_.public_key_text.empty()) add("publicKeyFile", jose::parse_pem_keys(settings_.public_key_text));
    if (!settings_.hmac_secret.empty()) add("hmacSecretFile", jose::make_secret_key_set(settings_.hmac_secret));
  }

  [[nodiscard]] jose::KeySet take() { return jose::KeySet(std::move(keys_)); }

 private:
  void add(std::string_view key, base::Result<jose::KeySet> keys) {
    if (!keys) {
      problems_.push_back(problem_at(settings_, key, Severity::kFault, keys.error().text));
      return;
    }
    if (keys->empty())
      problems_.push_back(problem_at(settings_, key, Severity::kFault, "holds no key that can be used"));
    keys_.insert(keys_.end(), keys->keys().begin(), keys->keys().end());
  }

  void add_jwks_file() {
    auto parsed = jose::parse_key_set(settings_.jwks_file_text, jose::KeySetOrigin::kFile);
    if (!parsed)
      return add("jwksFile", base::fail(parsed.error().code, settings_.jwks_file + ": " + parsed.error().text));
    for (const jose::SkippedKey& skipped : parsed->skipped) {
      problems_.push_back(
          problem_at(settings_, "jwksFile", Severity::kWarning,
                     "key " + std::to_string(skipped.index + 1) + " of the file is left out: " + skipped.why));
    }
    add("jwksFile", std::move(parsed->keys));
  }

  const settings::Provider& settings_;
  std::vector<settings::Problem>& problems_;
  std::vector<std::shared_ptr<const jose::Key>> keys_;
};

}  // namespace

settings::Problem problem_at(const settings::Provider& provider, std::string_view key, Severity severity,
                             std::string text) {
  settings::Problem problem;
  problem.severity = severity;
  problem.path = "identityProviders." + provider.name;
  if (!key.empty()) problem.path.append(".").append(key);
  auto place = provider.where.find(key);
  if (place == provider.where.end()) place = provider.where.find("");
  if (place != provider.where.end()) problem.where = place->second;
  problem.text = std::move(text);
  return problem;
}

void check_key_files(const settings::Provider& settings, std::vector<settings::Problem>& problems) {
  Collector(settings, problems).add_files();
}

KeySources open_key_sources(const settings::Provider& settings, const plugin::Trust& trust,
                            const std::function<std::shared_ptr<keys::KeySource>(const keys::KeySourceSettings&)>& open,
                            std::vector<settings::Problem>& problems) {
  KeySources sources;
  Collector files(settings, problems);
  files.add_files();
  sources.fixed = files.take();
  if (!sources.fixed.empty()) sources.bound.push_back({"", keys::make_fixed_source(settings.name, sources.fixed)});

  const auto open_bound = [&](std::string issuer, const keys::KeySourceSettings& source) {
    sources.has_url_keys = true;
    sources.bound.push_back({std::move(issuer), open(source)});
  };
  if (!settings.jwks_url.empty()) {
    keys::KeySourceSettings source = common(settings);
    source.jwks_url = settings.jwks_url;
    open_bound("", source);
    return sources;
  }
  if (!sources.fixed.empty() || settings.is_unverified) return sources;
  // Each issuer that the settings name and the plugin has no keys for is asked for its own.
  for (const std::string& issuer : settings.issuers) {
    const bool is_declared = std::any_of(
        trust.keys.begin(), trust.keys.end(),
        [&](const plugin::KeyLocation& location) { return location.issuer.empty() || location.issuer == issuer; });
    if (is_declared) continue;
    keys::KeySourceSettings source = common(settings);
    source.issuer = issuer;
    source.discovery_url = discovery_url_for(issuer);
    open_bound(issuer, source);
  }
  for (const plugin::KeyLocation& location : trust.keys) {
    keys::KeySourceSettings source = common(settings);
    source.issuer = location.issuer;
    source.jwks_url = location.jwks_url;
    source.extra_jwks_hosts = location.extra_hosts;
    if (location.jwks_url.empty()) {
      source.discovery_url =
          location.discovery_url.empty() ? discovery_url_for(location.issuer) : location.discovery_url;
    }
    open_bound(location.issuer, source);
  }
  if (sources.bound.empty() && !names_key_file(settings) && !takes_opaque_tokens(settings, trust)) {
    problems.push_back(problem_at(settings, "", Severity::kFault,
                                  "nothing says how tokens are checked: neither the settings nor the plugin know where "
                                  "keys are; add \"jwksUrl\" or \"issuer\" (for opaque tokens \"introspection\" or "
                                  "\"userInfoEndpoint\"), or the plugin's own key for it"));
  }
  return sources;
}

}  // namespace bearerd::runtime
