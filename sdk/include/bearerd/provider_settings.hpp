// The settings that every provider entry has and that a plugin may build on, whatever its own schema says; and what
// plugins refuse alike about their own.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "bearerd/object.hpp"
#include "bearerd/plugin.hpp"

namespace bearerd::sdk {

enum class TokenUse : unsigned char { kAccess = 1, kId, kAny };

struct ProviderSettings {
  std::string name;
  std::vector<std::string> issuers, audience;
  std::vector<std::string> role_paths;                       // as written; segments joined by dots
  std::string issuer_pattern, jwks_url, user_info_endpoint;  // empty: not set
  std::string introspection_url;                             // empty: not set
  bool introspects_all = false;                              // JWTs too
  std::string role_function;                                 // "fn:…" of rolePath; empty: not set
  TokenUse token_use = TokenUse::kAccess;
};

[[nodiscard]] inline ProviderSettings read_provider_settings(const Object& settings) {
  ProviderSettings read;
  read.name = settings.text("name");
  read.issuers = settings.texts("issuer");
  read.audience = settings.texts("audience");
  read.issuer_pattern = settings.text("issuerPattern");
  read.jwks_url = settings.text("jwksUrl");
  read.user_info_endpoint = settings.text("userInfoEndpoint");
  read.introspection_url = settings.text("introspection", "url");
  read.introspects_all = settings.string("introspection", "tokens") == "all";
  read.role_paths = settings.texts("rolePath");
  read.role_function = settings.text("roleFunction");
  const std::string use = settings.text("tokenUse");
  if (use == "id") read.token_use = TokenUse::kId;
  if (use == "any") read.token_use = TokenUse::kAny;
  return read;
}

// For lists of who may come in: left out, such a key means everyone, and an empty list must never be read so. Throws
// Refused for the first. The daemon refuses empty lists by itself, but the ABI does not promise it.
inline void refuse_empty_lists(const Object& settings, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (settings.has(key) && settings.texts(key).empty())
      throw Refused(std::string(key), "an empty list lets nobody in: name one, or leave the key out");
  }
}

// `strictTyp` takes nothing but the header typ at+jwt. Throws Refused where tokenUse takes ID tokens as well.
inline void refuse_strict_typ_for_id_tokens(bool is_typ_strict, TokenUse token_use) {
  if (is_typ_strict && token_use != TokenUse::kAccess)
    throw Refused("strictTyp", "an ID token has no typ at+jwt: leave out strictTyp or tokenUse");
}

}  // namespace bearerd::sdk
