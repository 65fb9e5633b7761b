// The generic provider: the rules of RFC 9068 and OpenID Connect that hold everywhere, and no habit of any vendor.
#include <string>
#include <vector>

#include "bearerd/opaque_tokens.hpp"
#include "bearerd/plugin.hpp"
#include "bearerd/provider_settings.hpp"
#include "bearerd/standard_claims.hpp"
#include "plugin_description.h"

namespace {

using namespace bearerd::sdk;

class Oidc final : public Plugin {
 public:
  Oidc(const Host&, const Object& settings)
      : token_use_(read_provider_settings(settings).token_use),
        is_typ_strict_(settings.boolean("strictTyp").value_or(false)),
        clients_(settings.texts("clients")),
        opaque_(read_provider_settings(settings), Unlabelled::kByAudience) {
    opaque_.refuse_clients_without_introspection(!clients_.empty());
    refuse_strict_typ_for_id_tokens(is_typ_strict_, token_use_);
    refuse_empty_lists(settings, {"clients"});
  }

  void trust(const TrustSink& sink) const override { opaque_.trust(sink); }

  Resolution resolve(const Call& call) const override { return opaque_.resolve(call); }

  Verdict check(const Token& token) const override {
    if (const Verdict use = check_use(token); use != Verdict::kAccept) return use;
    if (!clients_.empty() && !is_one_of(clients_, authorized_party(token.claims()))) {
      return Verdict::kClaimRejected;
    }
    return Verdict::kAccept;
  }

  void identify(const Token& token, const IdentitySink& identity) const override {
    say_standard_claims(token.claims(), identity, EmailTrust::kUnlessUnverified);
  }

 private:
  // RFC 8725 §3.12: what was made for another purpose is refused, however well it is signed.
  Verdict check_use(const Token& token) const {
    const Object& claims = token.claims();
    if (is_event_token(claims)) return Verdict::kWrongTokenUse;
    if (token.is_opaque()) return Verdict::kAccept;  // resolve() looked
    if (token.type().ends_with("+jwt") && !is_access_token_type(token)) return Verdict::kWrongTokenUse;
    if (token_use_ == TokenUse::kAny) return Verdict::kAccept;
    const bool is_id_token = !is_access_token_type(token) && has_id_token_mark(claims);
    if (token_use_ == TokenUse::kAccess && is_id_token) return Verdict::kWrongTokenUse;
    if (token_use_ == TokenUse::kId && (is_access_token_type(token) || claims.has("scope")))
      return Verdict::kWrongTokenUse;
    if (is_typ_strict_ && !is_access_token_type(token)) return Verdict::kWrongTokenUse;
    return Verdict::kAccept;
  }

  TokenUse token_use_;
  bool is_typ_strict_;
  std::vector<std::string> clients_;
  OpaqueTokens opaque_;
};

}  // namespace

BEARERD_PLUGIN(Oidc)
