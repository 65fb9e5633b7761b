// Keycloak. The payload's own `typ` says what a token is; roles hang under the client that they belong to; a
// lightweight token says nothing about roles.
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bearerd/opaque_tokens.hpp"
#include "bearerd/plugin.hpp"
#include "bearerd/provider_settings.hpp"
#include "bearerd/standard_claims.hpp"
#include "plugin_description.h"

namespace {

using namespace bearerd::sdk;

// "on" "lt" "ac" ":" id: two letters each for the kind of session, of token and of grant (Keycloak 26).
bool is_lightweight(const Object& claims) noexcept {
  const auto id = claims.string("jti");
  return id && id->size() > 6 && (*id)[6] == ':' && id->substr(2, 2) == "lt";
}

// In every user's token, so worth nothing as a privilege.
bool is_default_role(std::string_view role) noexcept {
  return role == "offline_access" || role == "uma_authorization" || role.starts_with("default-roles-");
}

class Keycloak final : public Plugin {
 public:
  Keycloak(const Host&, const Object& settings)
      : token_use_(read_provider_settings(settings).token_use),
        clients_(settings.texts("clients")),
        client_id_(settings.text("clientId")),
        has_realm_roles_(settings.boolean("realmRoles").value_or(false)),
        has_default_roles_(settings.boolean("defaultRoles").value_or(false)),
        takes_lightweight_(settings.text("lightweightTokens") == "accept"),
        is_typ_strict_(settings.boolean("strictTyp").value_or(false)),
        opaque_(read_provider_settings(settings)) {
    opaque_.refuse_clients_without_introspection(!clients_.empty());
    refuse_empty_lists(settings, {"clients"});
    if (settings.has("clientId") && client_id_.empty())
      throw Refused("clientId", "is empty: name this API's own client");
    // What is left out is unknown. Introspection of every token fills it in.
    const ProviderSettings common = read_provider_settings(settings);
    const bool has_roles = !client_id_.empty() || has_realm_roles_ || !common.role_paths.empty();
    if (takes_lightweight_ && has_roles && !common.introspects_all) {
      throw Refused(
          "lightweightTokens",
          R"(a token without roles may be of a user who has them: leave out clientId, realmRoles and rolePath, )"
          R"(or let every token be asked about with "introspection": {…, "tokens": "all"})");
    }
    refuse_strict_typ_for_id_tokens(is_typ_strict_, token_use_);
  }

  void trust(const TrustSink& sink) const override { opaque_.trust(sink); }

  // "Inactive" is also what Keycloak (since 26.6.2) says to a client that is not in the token's audience.
  Resolution resolve(const Call& call) const override { return opaque_.resolve(call); }

  Verdict check(const Token& token) const override {
    const Object& claims = token.claims();
    if (const Verdict use = check_use(token); use != Verdict::kAccept) return use;
    if (!clients_.empty() && !is_one_of(clients_, claims.string("azp"))) return Verdict::kClaimRejected;
    // A realm without the `basic` scope leaves `sub` out. preferred_username is no substitute: users rename themselves.
    if (claims.string("sub").value_or("").empty()) return Verdict::kMissingClaim;
    // Introspection fills in what a lightweight token leaves out.
    if (!takes_lightweight_ && !token.is_opaque() && is_lightweight(claims)) return Verdict::kMissingClaim;
    return Verdict::kAccept;
  }

  void identify(const Token& token, const IdentitySink& identity) const override {
    const Object& claims = token.claims();
    say_standard_claims(claims, identity, EmailTrust::kUnlessUnverified);
    if (client_id_.empty() && !has_realm_roles_) return;
    std::vector<std::string_view> roles;
    if (!client_id_.empty()) add_roles(claims.strings("resource_access", client_id_, "roles"), roles);
    if (has_realm_roles_) add_roles(claims.strings("realm_access", "roles"), roles);
    identity.roles(roles);
  }

 private:
  Verdict check_use(const Token& token) const {
    const Object& claims = token.claims();
    if (is_event_token(claims)) return Verdict::kWrongTokenUse;
    if (token.type().ends_with("+jwt") && !is_access_token_type(token)) return Verdict::kWrongTokenUse;
    if (token.is_opaque() && !opaque_.introspects()) return Verdict::kAccept;  // user info says no typ
    const auto type = claims.string("typ");
    // Refresh, Offline and Logout tokens are never a credential for an API, whatever tokenUse says. DPoP needs its
    // proof.
    if (type == "DPoP") return Verdict::kSenderConstrained;
    const bool is_strict = is_typ_strict_ && !token.is_opaque();
    const bool is_access = type == "Bearer" && (!is_strict || is_access_token_type(token));
    const bool is_id = type == "ID" && !is_access_token_type(token);
    const bool is_wanted = (is_access && token_use_ != TokenUse::kId) || (is_id && token_use_ != TokenUse::kAccess);
    return is_wanted ? Verdict::kAccept : Verdict::kWrongTokenUse;
  }

  void add_roles(const std::optional<std::vector<std::string_view>>& found,
                 std::vector<std::string_view>& roles) const {
    if (!found) return;
    for (const std::string_view role : *found) {
      if (has_default_roles_ || !is_default_role(role)) roles.push_back(role);
    }
  }

  TokenUse token_use_;
  std::vector<std::string> clients_;
  std::string client_id_;
  bool has_realm_roles_, has_default_roles_, takes_lightweight_, is_typ_strict_;
  OpaqueTokens opaque_;
};

}  // namespace

BEARERD_PLUGIN(Keycloak)
