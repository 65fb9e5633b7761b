// A public key as the text of a JWK, and its name made of that (RFC 7638).
#pragma once

#include <optional>
#include <string>

#include "jose/key.hpp"

namespace bearerd::jose {

// The members that the key type needs and no other, in the order of their names, without white space: what a thumbprint
// is made of (RFC 7638 §3.3), and the heart of a whole JWK. Nothing for a secret: its text would be the secret.
[[nodiscard]] std::optional<std::string> canonical_jwk(const Key& key);

// base64url of SHA-256 of that (RFC 7638 §3); nothing for a secret.
[[nodiscard]] std::optional<std::string> key_thumbprint(const Key& key);

}  // namespace bearerd::jose
