#include "settings/provider_checks.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "settings/pattern_advice.hpp"
#include "settings/plugin_choice.hpp"
#include "settings/url.hpp"

namespace bearerd::settings {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// The reader of a key that is known to be there.
Reader at_key(const Reader& entry, std::string_view key) {
  const Member* member = entry.node.find(key);
  return member == nullptr ? entry : entry.at(*member);
}

bool has_value(const Reader& entry, std::string_view key) {
  const Member* member = entry.node.find(key);
  if (member == nullptr) return false;
  return member->value.is_array() ? !member->value.elements.empty() : !member->value.text.empty();
}

// A key that the plugin does not take is only warned about; it must not count as what binds the entry.
bool has_plugin_value(const Reader& entry, const ProviderDraft& provider, std::string_view key) {
  return contains(provider.plugin_keys, key) && has_value(entry, key);
}

// Only the entra plugin compares the tenant in the URL with the token's.
bool has_tenant_in_url(const ProviderDraft& provider) {
  const auto url = parse_url(provider.jwks_url);
  return url && has_guid_segment(url->target);
}

bool is_entra_bound(const Reader& entry, const ProviderDraft& provider) {
  // A pattern beside the issuer lets in every tenant that it matches.
  if (!provider.issuers.empty() && provider.issuer_pattern == nullptr) return true;
  return provider.plugin == "entra" && (has_plugin_value(entry, provider, "tenants") || has_tenant_in_url(provider));
}

// An opaque token says of whom it is, not for whom: any application that a user of the domain logs in to holds one. And
// a service account is in no domain: whoever it calls could use its token here.
bool can_hd_bind(const Reader& entry, const ProviderDraft& provider) {
  return provider.plugin == "google" && provider.user_info_endpoint.empty() &&
         !has_plugin_value(entry, provider, "serviceAccounts");
}

bool is_google_bound(const Reader& entry, const ProviderDraft& provider) {
  return !provider.audience.empty() || (can_hd_bind(entry, provider) && has_plugin_value(entry, provider, "hd"));
}

// Azure AD B2C tokens may have no tenant claim; there the issuer is what binds.
std::string entra_mend(const ProviderDraft& provider) {
  if (!provider.issuers.empty()) return R"(remove "issuerPattern", which lets other tenants in beside "issuer")";
  const auto url = parse_url(provider.jwks_url);
  constexpr std::string_view kB2c = ".b2clogin.com";
  const bool is_b2c = url && url->host.size() > kB2c.size() && url->host.ends_with(kB2c);
  if (is_b2c) return R"(add "issuer": "https://)" + url->host + R"(/<tenant id>/v2.0/")";
  if (provider.plugin == "entra") return R"(add "tenants": ["<tenant id>"])";
  return R"(add "issuer": "https://login.microsoftonline.com/<tenant id>/v2.0")";
}

void check_bound_to(const Reader& entry, const ProviderDraft& provider, const Insecure& insecure,
                    std::string_view vendor, const std::string& mend) {
  const std::string why = std::string(vendor) +
                          " signs for all its customers with the same keys, and nothing here says which tokens are "
                          "meant for you";
  if (contains(insecure.accept_unbound, provider.name)) {
    entry.warn_at_key(why + "; accepted because insecure.acceptUnbound names this entry");
  } else {
    entry.fault_at_key(why + "; " + mend);
  }
}

bool has_jwt_source(const ProviderDraft& p) {
  return !p.jwks_url.empty() || !p.jwks_file.empty() || !p.public_key_file.empty() || !p.hmac_secret_file.empty() ||
         !p.issuers.empty() || p.disables_verification;
}

void check_one_place_for_keys(const Reader& entry, const ProviderDraft& provider) {
  std::vector<std::string> given;
  for (const std::string_view key : {"jwksUrl", "jwksFile", "publicKeyFile", "hmacSecretFile"}) {
    if (has_value(entry, key)) given.push_back(base::json_string(key));
  }
  if (given.size() > 1) {
    entry.fault_at_key(given[0] + " and " + given[1] + " both say where the keys are; keep one, or make two entries");
  }
  const bool needs_discovery = given.empty() && !provider.issuers.empty() && !provider.disables_verification;
  if (!needs_discovery) return;
  for (const std::string& issuer : provider.issuers) {
    if (issuer.find("://") == std::string::npos) {
      at_key(entry, "issuer").fault("this issuer is no URL, so its keys can't be found by discovery; add \"jwksUrl\"");
    }
  }
}

void check_hmac_length(const Reader& reader, const ProviderDraft& provider, base::Algorithm algorithm,
                       std::size_t size) {
  if (provider.hmac_secret.empty() || provider.hmac_secret.size() >= size) return;
  reader.fault("the secret has " + std::to_string(provider.hmac_secret.size()) + " bytes, but " +
               std::string(base::name(algorithm)) + " needs at least " + std::to_string(size));
}

std::size_t hash_bytes(base::Algorithm algorithm) {
  if (algorithm == base::Algorithm::kHs512) return 64;
  return algorithm == base::Algorithm::kHs384 ? 48 : 32;
}

// What the vendor's own plugin refuses besides.
void warn_about_generic_plugin(const Reader& entry, bool is_google, bool is_entra) {
  if (is_google) {
    entry.warn_at_key(
        "Google signs a service account's token for whatever audience its owner asks for, yours too, and the plugin "
        R"("oidc" takes it; use "plugin": "google")");
  }
  if (is_entra) {
    entry.warn_at_key(
        R"(the plugin "oidc" does not see what Entra leaves out of a token (groups) nor whether it is an application's )"
        R"(without any role; use "plugin": "entra")");
  }
}

}  // namespace

void check_sources(const Reader& entry, const ProviderDraft& provider) {
  const bool are_both_of_dial = !provider.user_info_endpoint.empty() && provider.issuers.empty() &&
                                provider.jwks_file.empty() && provider.public_key_file.empty() &&
                                (!provider.jwks_url.empty() || provider.disables_verification);
  if (are_both_of_dial) {
    at_key(entry, "userInfoEndpoint")
        .fault_at_key(R"(an entry has either "jwksUrl" or "userInfoEndpoint"; keep one, or make two entries)");
  }
  check_one_place_for_keys(entry, provider);
  const bool has_salt =
      !provider.logging_salt.empty() || has_value(entry, "loggingSaltFile") || has_value(entry, "loggingSalt");
  if (provider.logging_key && !has_salt) {
    at_key(entry, "loggingKey").fault_at_key(R"("loggingKey" needs "loggingSalt" or "loggingSaltFile" beside it)");
  }
  if (has_value(entry, "loggingSalt") && has_value(entry, "loggingSaltFile")) {
    at_key(entry, "loggingSaltFile")
        .fault_at_key(R"("loggingSalt" and "loggingSaltFile" both give the salt; keep one)");
  }
}

void check_bound(const Reader& entry, const ProviderDraft& provider, const Insecure& insecure) {
  const bool is_google = provider.plugin == "google" || has_host_of(provider, "google");
  const bool is_entra = provider.plugin == "entra" || has_host_of(provider, "entra");
  if (is_google && !is_google_bound(entry, provider)) {
    check_bound_to(entry, provider, insecure, "Google",
                   can_hd_bind(entry, provider)
                       ? R"(add "audience": "<your client id>" or "hd": "<your Workspace domain>")"
                       : R"(add "audience": "<your client id>")");
  }
  if (is_entra && !is_entra_bound(entry, provider)) {
    check_bound_to(entry, provider, insecure, "Entra", entra_mend(provider));
  }
  if (provider.plugin == "oidc") warn_about_generic_plugin(entry, is_google, is_entra);
}

void warn_about_unchecked(const Reader& entry, const ProviderDraft& provider, bool has_others) {
  // What only user info vouches for can't have an audience.
  const bool is_user_info_alone = !provider.user_info_endpoint.empty() && !has_jwt_source(provider);
  if (provider.audience.empty() && is_user_info_alone && provider.plugin != "google") {
    entry.warn_at_key(
        "userInfoEndpoint does not say for whom a token was made: any application of this provider can act as its "
        "users "
        R"(here; if the provider has introspection (RFC 7662), use "introspection" and "audience" instead)");
  } else if (provider.audience.empty()) {
    entry.warn_at_key(
        R"(no "audience": a token that the issuer made for another service is taken too; add "audience": "<the audience of your tokens>")");
  }
  const bool has_issuer = !provider.issuers.empty() || provider.issuer_pattern != nullptr;
  if (has_jwt_source(provider) && !has_issuer) {
    entry.warn_at_key(std::string(R"(no "issuer" and no "issuerPattern": )") +
                      (has_others ? "beside other entries, no token can be told to be for this one"
                                  : "any issuer is taken that has these keys") +
                      R"(, unless the plugin knows its issuers; add "issuer")");
  }
  if (provider.role_paths.empty() && provider.role_function.empty() && !provider.plugin_names_roles) {
    entry.warn_at_key(
        R"(no "rolePath": nobody has a role from here, unless the plugin names roles itself (DIAL Core refuses such an entry))");
  }
}

void warn_about_ignored(const Reader& entry, const ProviderDraft& provider) {
  if (!provider.obfuscates_email) {
    at_key(entry, "obfuscateUserEmail").warn_at_key("ignored: the user is hashed in every log line");
  }
  if (entry.node.find("claimPathsToLog") != nullptr) {
    at_key(entry, "claimPathsToLog").warn_at_key("ignored: claims are not logged");
  }
}

void check_issuer_pattern(const Reader& entry, const ProviderDraft& provider) {
  if (provider.issuer_pattern == nullptr) return;
  if (const auto advice = advise_on_issuer_pattern(provider.issuer_pattern_text)) {
    at_key(entry, "issuerPattern").warn(*advice);
  }
}

void check_algorithms(const Reader& entry, const ProviderDraft& provider) {
  const Reader at_algorithms = at_key(entry, "algorithms");
  const bool has_secret_keys = !provider.hmac_secret_file.empty() || !provider.jwks_file.empty();
  for (const base::Algorithm algorithm : provider.algorithms) {
    const std::string name = base::json_string(base::name(algorithm));
    if (base::is_symmetric(algorithm) && !has_secret_keys) {
      // RFC 8725 §3.2: a public key must never serve as an HMAC secret.
      at_algorithms.fault(name + R"( needs a secret of its own: "hmacSecretFile", or "jwksFile" with oct keys)");
    } else if (!base::is_symmetric(algorithm) && !provider.hmac_secret_file.empty()) {
      at_algorithms.fault(name + R"( can't be checked with "hmacSecretFile"; use HS256, HS384 or HS512)");
    } else if (base::is_symmetric(algorithm)) {
      check_hmac_length(at_key(entry, "hmacSecretFile"), provider, algorithm, hash_bytes(algorithm));
    }
  }
  if (provider.algorithms.empty()) {
    check_hmac_length(at_key(entry, "hmacSecretFile"), provider, base::Algorithm::kHs256, 32);
  }
}

void check_unverified(const Reader& entry, ProviderDraft& provider, const Insecure& insecure) {
  if (!provider.disables_verification) return;
  const Reader at_switch = at_key(entry, "disableJwtVerification");
  if (!contains(insecure.accept_unverified, provider.name)) {
    return at_switch.fault(
        "with this anybody can forge a token; for a test, add \"insecure\": {\"acceptUnverified\": [" +
        base::json_string(provider.name) + "]} and restart");
  }
  provider.is_unverified = true;
  at_switch.warn("signatures of this entry are not checked: anybody can forge its tokens");
}

}  // namespace bearerd::settings
