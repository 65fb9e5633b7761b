// Private keys out of JWKs (RFC 7518 §6.2.2, §6.3.2, §6.4.1, RFC 8037 §2). For the sources of this layer only.
#pragma once

#include <string_view>

#include "jose/key_builder.hpp"
#include "jose/openssl.hpp"

namespace bearerd::jose {

struct PrivateMaterial {
  PkeyPointer pkey;     // null for a secret
  base::Secret secret;  // empty for a private key
  KeyTraits traits;
};

// See SigningKey::from_jwk().
[[nodiscard]] base::Result<PrivateMaterial> parse_private_jwk(std::string_view json, std::string_view key_id);

}  // namespace bearerd::jose
