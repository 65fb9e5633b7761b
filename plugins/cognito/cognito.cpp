// Amazon Cognito user pools. An access token names its client in client_id and has no aud; token_use tells it from an
// ID token.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "bearerd/plugin.hpp"
#include "bearerd/provider_settings.hpp"
#include "bearerd/standard_claims.hpp"
#include "plugin_description.h"

namespace {

using namespace bearerd::sdk;

bool is_pool_id(std::string_view id) noexcept {
  const auto is_fitting = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  const auto region_end = id.find('_');
  return region_end != std::string_view::npos && region_end > 0 && region_end + 1 < id.size() &&
         std::all_of(id.begin(), id.end(), is_fitting);
}

class Cognito final : public Plugin {
 public:
  Cognito(const Host&, const Object& settings)
      : common_(read_provider_settings(settings)),
        client_ids_(settings.texts("clientIds")),
        resources_(settings.texts("resource")) {
    refuse_empty_lists(settings, {"clientIds", "resource"});
    if (common_.token_use == TokenUse::kAny && !common_.audience.empty()) {
      throw Refused("audience", "with tokenUse any the client stands in different claims: use clientIds instead");
    }
    // The operator's own issuers are exact: nothing is added to them.
    if (settings.has("userPoolId") && common_.issuers.empty())
      add_pool(settings.text("userPoolId"), settings.text("issuerForm"));
  }

  void trust(const TrustSink& sink) const override {
    for (const std::string& issuer : pool_issuers_) {
      sink.issuer(issuer);
      if (common_.jwks_url.empty()) sink.key_set(issuer + "/.well-known/jwks.json", issuer);
    }
    sink.algorithm("RS256");
    if (common_.token_use == TokenUse::kAccess) sink.audience_claim({"client_id"});
    if (!client_ids_.empty()) sink.checks_audience();
  }

  Verdict check(const Token& token) const override {
    const Object& claims = token.claims();
    const auto issuer = claims.string("iss");
    if (!pool_issuers_.empty() && !is_one_of(pool_issuers_, issuer) && !is_one_of(common_.issuers, issuer)) {
      return Verdict::kUnknownIssuer;
    }
    if (is_event_token(claims)) return Verdict::kWrongTokenUse;
    const auto use = claims.string("token_use");
    if (use == "access" && common_.token_use != TokenUse::kId) return check_access(claims);
    if (use == "id" && common_.token_use != TokenUse::kAccess) return check_client(claims.string("aud"));
    return Verdict::kWrongTokenUse;
  }

  void identify(const Token& token, const IdentitySink& identity) const override {
    const Object& claims = token.claims();
    say_standard_claims(claims, identity);
    const auto user_name =
        claims.string("token_use") == "id" ? claims.string("cognito:username") : claims.string("username");
    if (user_name && !claims.has("name")) identity.name(*user_name);
    if (const auto session = claims.string("origin_jti")) identity.session(*session);
    // A user in no group has no such claim.
    identity.roles(claims.strings("cognito:groups").value_or(std::vector<std::string_view>{}));
  }

 private:
  void add_pool(const std::string& id, const std::string& form) {
    if (!is_pool_id(id)) throw Refused("userPoolId", "must be <region>_<id>, such as eu-west-1_AbCdEfGhI");
    const std::string region = id.substr(0, id.find('_'));
    if (form != "updated") pool_issuers_.push_back("https://cognito-idp." + region + ".amazonaws.com/" + id);
    if (form == "updated" || form == "both")
      pool_issuers_.push_back("https://issuer-cognito-idp." + region + ".amazonaws.com/" + id);
  }

  Verdict check_client(std::optional<std::string_view> client) const {
    if (!client) return Verdict::kMissingClaim;
    return client_ids_.empty() || is_one_of(client_ids_, client) ? Verdict::kAccept : Verdict::kWrongAudience;
  }

  Verdict check_access(const Object& claims) const {
    // RFC 7519 §4.1.3: a token that names an audience is for that audience only.
    if (claims.has("aud") || !resources_.empty()) {
      const bool is_ours = std::any_of(resources_.begin(), resources_.end(),
                                       [&](const std::string& resource) { return claims.holds(resource, "aud"); });
      if (!is_ours) return Verdict::kWrongAudience;
    }
    return check_client(claims.string("client_id"));
  }

  ProviderSettings common_;
  std::vector<std::string> client_ids_, resources_, pool_issuers_;
};

}  // namespace

BEARERD_PLUGIN(Cognito)
