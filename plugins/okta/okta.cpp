// Okta's custom authorization servers. No typ anywhere: cid and scp tell an access token; uid is the user, sub only a
// login name.
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

// The organization's own server signs access tokens for Okta's own APIs only, and its issuer is a prefix of all others.
bool is_organization_server(std::string_view issuer) noexcept {
  return issuer.find("/oauth2/") == std::string_view::npos;
}

class Okta final : public Plugin {
 public:
  Okta(const Host&, const Object& settings)
      : token_use_(read_provider_settings(settings).token_use),
        clients_(settings.texts("clients")),
        opaque_(read_provider_settings(settings)) {
    opaque_.refuse_clients_without_introspection(!clients_.empty());
    refuse_empty_lists(settings, {"clients"});
    for (const std::string& issuer : read_provider_settings(settings).issuers) {
      if (issuer.ends_with('/')) throw Refused("issuer", "an Okta issuer has no slash at its end");
      if (token_use_ == TokenUse::kAccess && is_organization_server(issuer)) {
        throw Refused("issuer",
                      "the org authorization server's access tokens can't be verified: use a custom one, "
                      "https://<domain>/oauth2/<id>");
      }
    }
  }

  void trust(const TrustSink& sink) const override {
    sink.algorithm("RS256");
    opaque_.trust(sink);
  }

  Resolution resolve(const Call& call) const override { return opaque_.resolve(call); }

  Verdict check(const Token& token) const override {
    const Object& claims = token.claims();
    if (token.is_opaque()) return check_resolved(claims);
    if (const Verdict use = check_use(token); use != Verdict::kAccept) return use;
    if (!is_access(claims)) return Verdict::kAccept;
    if (is_organization_server(claims.string("iss").value_or(""))) return Verdict::kWrongTokenUse;
    if (!clients_.empty() && !is_one_of(clients_, claims.string("cid"))) return Verdict::kClaimRejected;
    return user_of(claims).empty() ? Verdict::kMissingClaim : Verdict::kAccept;
  }

  void identify(const Token& token, const IdentitySink& identity) const override {
    const Object& claims = token.claims();
    say_standard_claims(claims, identity, EmailTrust::kUnlessUnverified);
    if (is_access(claims) || (token.is_opaque() && opaque_.introspects())) identity.user_id(user_of(claims));
  }

 private:
  // An introspection answer says client_id and scope where the token has cid and scp.
  static std::optional<std::string_view> client_of(const Object& claims) {
    const auto client = claims.string("cid");
    return client ? client : claims.string("client_id");
  }

  // The organization's own server calls its tokens active too, whatever API they are for.
  Verdict check_resolved(const Object& claims) const {
    if (is_event_token(claims) || is_id_token(claims)) return Verdict::kWrongTokenUse;
    if (!opaque_.introspects()) return Verdict::kAccept;
    if (is_organization_server(claims.string("iss").value_or(""))) return Verdict::kWrongTokenUse;
    if (!clients_.empty() && !is_one_of(clients_, client_of(claims))) return Verdict::kClaimRejected;
    return user_of(claims).empty() ? Verdict::kMissingClaim : Verdict::kAccept;
  }

  // Introspection calls ID tokens active too; nothing but this tells them apart.
  static bool is_id_token(const Object& claims) { return claims.string("jti").value_or("").starts_with("ID."); }

  static bool is_access(const Object& claims) noexcept { return claims.has("cid") || claims.has("scp"); }

  // A machine's token has no uid, and the client in sub; any other sub is a login name, which users may change.
  static std::string_view user_of(const Object& claims) {
    if (const auto user = claims.string("uid")) return *user;
    const auto client = client_of(claims);
    return client && client == claims.string("sub") ? *client : std::string_view{};
  }

  Verdict check_use(const Token& token) const {
    const Object& claims = token.claims();
    if (token.type().ends_with("+jwt") || is_event_token(claims)) return Verdict::kWrongTokenUse;
    const bool is_complete_access = claims.string("cid") && claims.kind("scp") == Kind::kArray && !is_id_token(claims);
    const bool is_id = !is_access(claims) && !claims.string("jti").value_or("").starts_with("AT.");
    const bool is_wanted =
        (is_complete_access && token_use_ != TokenUse::kId) || (is_id && token_use_ != TokenUse::kAccess);
    return is_wanted ? Verdict::kAccept : Verdict::kWrongTokenUse;
  }

  TokenUse token_use_;
  std::vector<std::string> clients_;
  OpaqueTokens opaque_;
};

}  // namespace

BEARERD_PLUGIN(Okta)
