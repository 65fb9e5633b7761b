// Tokens that say nothing by themselves: introspection (RFC 7662) and user info (OpenID Connect Core 1.0 §5.3), as most
// providers have them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bearerd/plugin.hpp"
#include "bearerd/provider_settings.hpp"
#include "bearerd/standard_claims.hpp"

namespace bearerd::sdk {

// What to make of an introspection answer that does not say which kind of token it is about: that is optional (RFC 7662
// §2.2).
enum class Unlabelled : std::uint8_t {
  kRefuse,      // where the provider always says it
  kByAudience,  // take it when it was made for a resource, and the entry has an audience, which is compared afterwards
};

// A refresh token and an ID token are made for the client that holds them, if they say for whom at all.
[[nodiscard]] inline bool is_made_for_a_resource(const Object& answer) noexcept {
  for (const char* name : {"client_id", "azp", "cid"}) {
    const auto client = answer.string(name);
    if (client && answer.holds(*client, "aud")) return false;
  }
  return answer.has("aud") && !has_id_token_mark(answer);
}

// Whether an introspection answer is about an access token. Endpoints know refresh and ID tokens too, and call those
// active (RFC 7662 §2.1). Keycloak says the kind in `typ`, others in `token_use`, the standard's `token_type` is an
// access token's only (§2.2; RFC 6749 §5.1). tokenUse has no say here. `takes_unlabelled`: those made for a resource.
[[nodiscard]] inline Verdict check_introspected_use(const Object& answer, bool takes_unlabelled) {
  const auto is_access = [](std::string_view kind) {
    for (const std::string_view name : {"bearer", "access_token", "access", "at+jwt"}) {
      if (equals_ignoring_case(kind, name)) return true;
    }
    return false;
  };
  bool says_access = false, says_other = false;
  for (const char* claim : {"typ", "token_use", "token_type"}) {
    const auto kind = answer.string(claim);
    // Its proof stayed with the proxy (RFC 9449 §7.2).
    if (kind && equals_ignoring_case(*kind, "dpop")) return Verdict::kSenderConstrained;
    if (!kind && !answer.has(claim)) continue;
    if (kind && equals_ignoring_case(*kind, "jwt")) continue;
    (kind && is_access(*kind) ? says_access : says_other) = true;
  }
  const bool is_access_token = says_access || (takes_unlabelled && is_made_for_a_resource(answer));
  return is_access_token && !says_other ? Verdict::kAccept : Verdict::kWrongTokenUse;
}

// RFC 7662 §2. An endpoint in trouble, or one that refuses us, says nothing about the token.
[[nodiscard]] inline Resolution introspect(const Call& call, const ProviderSettings& common,
                                           Unlabelled unlabelled = Unlabelled::kRefuse) {
  const Answer answer = call.fetch({.url = common.introspection_url,
                                    .method = "POST",
                                    .body = "token_type_hint=access_token",
                                    .attach = Attach::kFormToken});
  if (!answer.is_good() || !answer.json->has("active")) return Verdict::kProviderUnavailable;
  // §2.2: a JSON boolean. "true" is none.
  if (answer.json->boolean("active") != true) return Verdict::kOpaqueInactive;
  const Verdict use =
      check_introspected_use(*answer.json, unlabelled == Unlabelled::kByAudience && !common.audience.empty());
  if (use != Verdict::kAccept) return use;
  return *answer.json;
}

// 401 and 403 are about the token here, which is the request's own credential (RFC 6750 §3.1).
[[nodiscard]] inline Resolution ask_user_info(const Call& call, const ProviderSettings& common) {
  const Answer answer = call.fetch({.url = common.user_info_endpoint, .attach = Attach::kBearer});
  if (answer.status == 401 || answer.status == 403) return Verdict::kOpaqueInactive;
  if (!answer.is_good()) return Verdict::kProviderUnavailable;
  return *answer.json;
}

// The usual way for a plugin to take opaque tokens: a member, refusing what can't be kept as it is made.
class OpaqueTokens {
 public:
  explicit OpaqueTokens(const ProviderSettings& common, Unlabelled unlabelled = Unlabelled::kRefuse)
      : common_(common), unlabelled_(unlabelled) {
    if (!common.introspection_url.empty() && !common.user_info_endpoint.empty()) {
      throw Refused("userInfoEndpoint", "introspection is asked already, and proves more: leave this out");
    }
    if (is_on() && common.token_use == TokenUse::kId) {
      throw Refused("tokenUse",
                    "introspection and user info know access tokens only, so no token that is asked about could ever "
                    R"(be taken: leave out tokenUse, or say "any" to take ID tokens that are JWTs too)");
    }
    if (!common.user_info_endpoint.empty() && !common.audience.empty()) {
      throw Refused(
          "audience",
          "userInfoEndpoint can't show for whom a token was made: any client of this provider would pass. Use "
          "introspection instead, or leave out audience and accept that");
    }
  }

  // User info does not say who asked for the token.
  void refuse_clients_without_introspection(bool has_clients) const {
    if (!has_clients || common_.user_info_endpoint.empty()) return;
    throw Refused("clients", "userInfoEndpoint does not say which client asked for a token: use introspection instead");
  }

  [[nodiscard]] bool is_on() const noexcept {
    return !common_.introspection_url.empty() || !common_.user_info_endpoint.empty();
  }
  void trust(const TrustSink& sink) const {
    if (!is_on()) return;
    common_.introspects_all ? sink.takes_opaque_only() : sink.takes_opaque();
  }
  [[nodiscard]] bool introspects() const noexcept { return !common_.introspection_url.empty(); }
  [[nodiscard]] Resolution resolve(const Call& call) const {
    if (!is_on()) return Verdict::kProviderUnavailable;
    return common_.introspection_url.empty() ? ask_user_info(call, common_) : introspect(call, common_, unlabelled_);
  }

 private:
  ProviderSettings common_;
  Unlabelled unlabelled_;
};

}  // namespace bearerd::sdk
