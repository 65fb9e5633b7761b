// What most providers have in common: telling an ID token from an access token by its claims, and who the person is
// (OpenID Connect Core 1.0 §2, §5.1; RFC 9068 §2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bearerd/plugin.hpp"

namespace bearerd::sdk {

// Claims that only an ID token has: they tie it to one login at one client (OpenID Connect Core §2, §3.3.2.11).
[[nodiscard]] inline bool has_id_token_mark(const Object& claims) noexcept {
  return claims.has("nonce") || claims.has("at_hash") || claims.has("c_hash");
}

// OpenID Connect Back-Channel Logout §2.4, and security event tokens (RFC 8417 §2.2): never a credential.
[[nodiscard]] inline bool is_event_token(const Object& claims) noexcept {
  return claims.kind("events") == Kind::kObject;
}

[[nodiscard]] inline bool is_access_token_type(const Token& token) noexcept { return token.is_type("at+jwt"); }

[[nodiscard]] inline bool is_one_of(const std::vector<std::string>& allowed,
                                    std::optional<std::string_view> value) noexcept {
  if (!value) return false;
  for (const std::string& text : allowed) {
    if (text == *value) return true;
  }
  return false;
}

// The client that asked for the token: `azp`, else RFC 9068's `client_id`.
[[nodiscard]] inline std::optional<std::string_view> authorized_party(const Object& claims) noexcept {
  const auto party = claims.string("azp");
  return party ? party : claims.string("client_id");
}

// Which addresses are passed on: an upstream that goes by e-mail would let anyone in who types someone else's address
// into their profile.
enum class EmailTrust : std::uint8_t {
  kVerifiedOnly,      // `email_verified` has to be true
  kUnlessUnverified,  // all but those whose `email_verified` is there and not true
};

// Name, e-mail and session of OpenID Connect. An address that is not passed on is said to be none.
inline void say_standard_claims(const Object& claims, const IdentitySink& identity,
                                EmailTrust trust = EmailTrust::kVerifiedOnly) {
  auto name = claims.string("name");
  if (!name) name = claims.string("preferred_username");
  if (name) identity.name(*name);
  if (claims.has("email")) {
    const bool is_unsaid = !claims.has("email_verified") && trust == EmailTrust::kUnlessUnverified;
    const bool is_verified = claims.boolean("email_verified").value_or(false);
    identity.email(is_unsaid || is_verified ? claims.string("email").value_or("") : "");
  }
  if (const auto session = claims.string("sid")) identity.session(*session);
}

}  // namespace bearerd::sdk
