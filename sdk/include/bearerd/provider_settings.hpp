// The settings that every provider entry has and that a plugin may build on, whatever its own schema says.
#pragma once

#include <string>
#include <vector>

#include "bearerd/object.hpp"

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

}  // namespace bearerd::sdk
