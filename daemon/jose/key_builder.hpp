// The only way to make a Key, whatever it was read from: every floor and every check of the material is here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "jose/key.hpp"
#include "jose/openssl.hpp"

namespace bearerd::jose {

struct Key::Material {
  PkeyPointer pkey;                 // null for a secret
  base::Secret secret;              // empty for a public key
  std::vector<std::uint8_t> order;  // ECDSA: the group's order at the width of a coordinate
  std::size_t signature_bytes = 0;  // the only length that a signature may have; 0: a MAC
};

// What a key is called and bound to, beside its material.
struct KeyTraits {
  std::string key_id, issuer, x5t, x5t_s256;
  std::optional<base::Algorithm> only_algorithm;
};

using KeyResult = base::Result<std::shared_ptr<const Key>>;
using Bytes = std::span<const std::uint8_t>;

// Error texts say which rule was broken and hold no key material.
class KeyBuilder {
 public:
  // Big-endian numbers; leading zeros are tolerated (RFC 7518 §6.3.1, and issuers that write the sign byte).
  [[nodiscard]] static KeyResult rsa(Bytes modulus, Bytes exponent, KeyTraits traits);
  // Coordinates at their full width (RFC 7518 §6.2.1.2); the point must be on the curve (RFC 8725 §3.4).
  [[nodiscard]] static KeyResult ec(KeyType curve, Bytes x, Bytes y, KeyTraits traits);
  [[nodiscard]] static KeyResult ed25519(Bytes x, KeyTraits traits);
  // At least as long as the hash (RFC 7518 §3.2).
  [[nodiscard]] static KeyResult secret(base::Secret secret, KeyTraits traits);

 private:
  [[nodiscard]] static KeyResult finish(KeyType type, std::size_t bits, Key::Material material, KeyTraits traits);
};

// How wide a coordinate of this curve is, in bytes; 0 for a type that is no such curve.
[[nodiscard]] std::size_t coordinate_bytes(KeyType curve) noexcept;
// "P-256" and so on (RFC 7518 §6.2.1.1); empty for a type that is no such curve.
[[nodiscard]] const char* curve_name(KeyType curve) noexcept;
[[nodiscard]] std::optional<KeyType> curve_named(std::string_view name) noexcept;

}  // namespace bearerd::jose
