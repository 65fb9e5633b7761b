// Google's ID tokens. The same keys sign for everybody, and anyone with a Google Cloud project can have a token made
// for any audience: so a service account needs to be listed, and people are bound by audience or by their hosted
// domain.
#include <string>
#include <string_view>
#include <vector>

#include "bearerd/plugin.hpp"
#include "bearerd/provider_settings.hpp"
#include "bearerd/standard_claims.hpp"
#include "plugin_description.h"

namespace {

using namespace bearerd::sdk;

constexpr std::string_view kIssuers[] = {"https://accounts.google.com", "accounts.google.com"};
constexpr std::string_view kKeys = "https://www.googleapis.com/oauth2/v3/certs";
// Identity-Aware Proxy is another issuer, with keys and an algorithm of its own.
constexpr std::string_view kIapIssuer = "https://cloud.google.com/iap";
constexpr std::string_view kIapKeys = "https://www.gstatic.com/iap/verify/public_key-jwk";

bool is_service_account(const Object& claims) noexcept {
  if (claims.string("email").value_or("").ends_with(".gserviceaccount.com")) return true;
  // There azp repeats the audience.
  if (claims.string("iss") == kIapIssuer) return false;
  // A person's token was asked for by an OAuth client; a service account asks for itself.
  const auto party = claims.string("azp");
  return party && !party->ends_with(".apps.googleusercontent.com");
}

class Google final : public Plugin {
 public:
  Google(const Host&, const Object& settings)
      : common_(read_provider_settings(settings)),
        hosted_domains_(settings.texts("hd")),
        service_accounts_(settings.texts("serviceAccounts")),
        takes_users_(settings.boolean("users").value_or(true)),
        takes_iap_(settings.boolean("iap").value_or(false)) {
    for (const char* key : {"hd", "serviceAccounts"}) {
      if (settings.has(key) && settings.texts(key).empty()) {
        throw Refused(key, "an empty list lets nobody in: name one, or leave the key out");
      }
    }
    if (!takes_users_ && service_accounts_.empty())
      throw Refused("users", "without users, serviceAccounts must name somebody");
    // Its assertions carry hd for every Workspace user of the world, whichever backend they are for.
    if (takes_iap_ && common_.audience.empty())
      throw Refused("iap", "needs audience: the backend's, such as /projects/<number>/global/backendServices/<id>");
    if (takes_iap_ && !common_.jwks_url.empty())
      throw Refused("iap", "has keys of its own beside those of ID tokens: leave out jwksUrl");
  }

  void trust(const TrustSink& sink) const override {
    // With userInfoEndpoint the entry is for opaque tokens.
    if (!common_.user_info_endpoint.empty()) return;
    for (const std::string_view issuer : kIssuers) sink.issuer(issuer);
    sink.algorithm("RS256");
    if (takes_iap_) {
      trust_iap(sink);
    } else if (common_.jwks_url.empty()) {
      sink.key_set(kKeys);
    }
    if (!hosted_domains_.empty()) sink.checks_audience();
  }

  Verdict check(const Token& token) const override {
    const Object& claims = token.claims();
    // Security event tokens come from the same issuer.
    if (token.type().ends_with("+jwt") || is_event_token(claims)) return Verdict::kWrongTokenUse;
    if (is_service_account(claims)) return check_service_account(claims);
    if (!takes_users_) return Verdict::kClaimRejected;
    const bool is_in_domain = hosted_domains_.empty() || is_one_of(hosted_domains_, claims.string("hd"));
    return is_in_domain ? Verdict::kAccept : Verdict::kWrongTenant;
  }

  void identify(const Token& token, const IdentitySink& identity) const override {
    const Object& claims = token.claims();
    if (const auto name = claims.string("name")) identity.name(*name);
    const std::string_view email = claims.string("email").value_or("");
    identity.email(is_authoritative(claims, email) ? email : "");
  }

 private:
  // Each key vouches for its own issuer only.
  static void trust_iap(const TrustSink& sink) {
    for (const std::string_view issuer : kIssuers) sink.key_set(kKeys, issuer);
    sink.issuer(kIapIssuer);
    sink.key_set(kIapKeys, kIapIssuer);
    sink.algorithm("ES256");
  }

  Verdict check_service_account(const Object& claims) const {
    const bool is_verified = claims.boolean("email_verified").value_or(false);
    const bool is_listed = (is_verified && is_one_of(service_accounts_, claims.string("email"))) ||
                           is_one_of(service_accounts_, claims.string("sub"));
    return is_listed ? Verdict::kAccept : Verdict::kClaimRejected;
  }

  // For any other address, its owner may have changed since Google verified it.
  static bool is_authoritative(const Object& claims, std::string_view email) noexcept {
    const bool is_hosted =
        claims.string("hd").has_value() || email.ends_with("@gmail.com") || email.ends_with(".gserviceaccount.com");
    return is_hosted && claims.boolean("email_verified").value_or(false);
  }

  ProviderSettings common_;
  std::vector<std::string> hosted_domains_, service_accounts_;
  bool takes_users_, takes_iap_;
};

}  // namespace

BEARERD_PLUGIN(Google)
