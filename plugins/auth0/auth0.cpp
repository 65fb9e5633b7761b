// Auth0. Issuers end with a slash and there is one per domain of the tenant; two dialects of access token; an audience
// that is only the tenant's own user info is not ours.
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

bool is_host_name(std::string_view text) noexcept {
  const auto is_fitting = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return text.find('.') != std::string_view::npos && std::all_of(text.begin(), text.end(), is_fitting) &&
         text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos;
}

class Auth0 final : public Plugin {
 public:
  Auth0(const Host&, const Object& settings)
      : common_(read_provider_settings(settings)),
        organizations_(settings.texts("organizations")),
        clients_(settings.texts("clients")),
        has_permission_roles_(settings.boolean("permissionsAsRoles").value_or(false)),
        takes_anonymous_(settings.boolean("allowAnonymousSessions").value_or(false)),
        is_typ_strict_(settings.boolean("strictTyp").value_or(false)) {
    refuse_empty_lists(settings, {"domain", "organizations", "clients"});
    for (const std::string& domain : settings.texts("domain")) add_domain(domain);
    check_settings();
  }

  void trust(const TrustSink& sink) const override {
    for (const std::string& issuer : domain_issuers_) {
      sink.issuer(issuer);
      if (common_.jwks_url.empty()) sink.discovery(issuer);
    }
  }

  Verdict check(const Token& token) const override {
    const Object& claims = token.claims();
    // All domains of a tenant share their keys, so a good signature does not say which domain issued the token.
    if (!domain_issuers_.empty() && !is_known_issuer(claims)) return Verdict::kUnknownIssuer;
    if (const Verdict use = check_use(token); use != Verdict::kAccept) return use;
    if (is_only_for_user_info(claims)) return Verdict::kWrongAudience;
    if (!organizations_.empty() && !is_one_of(organizations_, claims.string("org_id"))) return Verdict::kWrongTenant;
    if (!clients_.empty() && !is_one_of(clients_, authorized_party(claims))) return Verdict::kClaimRejected;
    const bool is_anonymous = claims.string("sub").value_or("").starts_with("anon@");
    return is_anonymous && !takes_anonymous_ ? Verdict::kClaimRejected : Verdict::kAccept;
  }

  void identify(const Token& token, const IdentitySink& identity) const override {
    const Object& claims = token.claims();
    say_standard_claims(claims, identity);
    if (!has_permission_roles_) return;
    // Without RBAC the claim is missing: unknown, and so worth no role at all.
    identity.roles(claims.strings("permissions").value_or(std::vector<std::string_view>{}));
  }

 private:
  void add_domain(const std::string& domain) {
    if (!is_host_name(domain)) {
      throw Refused("domain",
                    "must be a bare host name in small letters, such as example.eu.auth0.com: no scheme, no slash");
    }
    domain_issuers_.push_back("https://" + domain + "/");
  }

  void check_settings() const {
    for (const std::string& issuer : common_.issuers) {
      if (!issuer.ends_with('/')) throw Refused("issuer", "every Auth0 issuer ends with a slash: https://<domain>/");
    }
    for (const std::string& audience : common_.audience) {
      if (is_own_user_info(audience)) {
        throw Refused(
            "audience",
            "is the tenant's own user info, which every login of the tenant may call: name your API's identifier");
      }
    }
    refuse_strict_typ_for_id_tokens(is_typ_strict_, common_.token_use);
  }

  bool is_own_user_info(std::string_view audience) const {
    const auto is_of = [&](const std::string& issuer) { return audience == issuer + "userinfo"; };
    return audience.ends_with(".auth0.com/userinfo") ||
           std::any_of(domain_issuers_.begin(), domain_issuers_.end(), is_of) ||
           std::any_of(common_.issuers.begin(), common_.issuers.end(), is_of);
  }

  bool is_known_issuer(const Object& claims) const {
    const auto issuer = claims.string("iss");
    return is_one_of(domain_issuers_, issuer) || is_one_of(common_.issuers, issuer);
  }

  static bool has_access_token_mark(const Token& token) {
    const Object& claims = token.claims();
    return is_access_token_type(token) || claims.has("scope") || claims.has("permissions") || claims.has("gty") ||
           claims.has("azp") || claims.has("client_id");
  }

  Verdict check_use(const Token& token) const {
    const Object& claims = token.claims();
    if (is_event_token(claims)) return Verdict::kWrongTokenUse;
    if (token.type().ends_with("+jwt") && !is_access_token_type(token)) return Verdict::kWrongTokenUse;
    if (common_.token_use == TokenUse::kAny) return Verdict::kAccept;
    const bool is_access = has_access_token_mark(token) && !has_id_token_mark(claims);
    if (is_access != (common_.token_use == TokenUse::kAccess)) return Verdict::kWrongTokenUse;
    if (is_typ_strict_ && !is_access_token_type(token)) return Verdict::kWrongTokenUse;
    return Verdict::kAccept;
  }

  // Such a token was made because no API was asked for; it must not open one.
  bool is_only_for_user_info(const Object& claims) const {
    const auto audiences = claims.strings("aud");
    return !audiences || std::all_of(audiences->begin(), audiences->end(),
                                     [&](std::string_view audience) { return is_own_user_info(audience); });
  }

  ProviderSettings common_;
  std::vector<std::string> domain_issuers_, organizations_, clients_;
  bool has_permission_roles_, takes_anonymous_, is_typ_strict_;
};

}  // namespace

BEARERD_PLUGIN(Auth0)
