// Between OpenSSL's key objects and their numbers. For the sources of this layer only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "jose/key_builder.hpp"
#include "jose/openssl.hpp"

namespace bearerd::jose {

// `selection` is EVP_PKEY_PUBLIC_KEY or EVP_PKEY_KEYPAIR. Null when the numbers make no such key.
[[nodiscard]] PkeyPointer pkey_from(const char* type, OSSL_PARAM_BLD* builder, int selection);

// Big-endian, at `width` bytes when that is given; empty when the key has no such number.
[[nodiscard]] std::vector<std::uint8_t> number_of(EVP_PKEY* pkey, const char* name, std::size_t width = 0);

// SEC 1 §2.3.3.
[[nodiscard]] std::vector<std::uint8_t> uncompressed_point(Bytes x, Bytes y);

// The public half, built anew from the numbers alone, so that a key from PEM passes the same checks as one from a JWK,
// and curve parameters that a file brings along are never used.
[[nodiscard]] KeyResult public_key_of(EVP_PKEY* pkey, KeyTraits traits);

}  // namespace bearerd::jose
