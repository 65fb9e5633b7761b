// The closed table of what goes with what (RFC 7518 §3.1, RFC 8037 §3.1, RFC 8725 §3.1). An algorithm that has no row
// for a key's type can't be used with that key: this is what stops a public key from being taken as an HMAC secret.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/algorithm.hpp"
#include "jose/key.hpp"

namespace bearerd::jose {

enum class Scheme : std::uint8_t { kRsaPkcs1 = 1, kRsaPss, kEcdsa, kEd25519, kHmac };
enum class Digest : std::uint8_t { kSha256 = 0, kSha384, kSha512, kNone };

inline constexpr std::size_t kDigestCount = 3;  // kNone is none

struct AlgorithmRow {
  base::Algorithm algorithm;
  KeyType type;
  Scheme scheme;
  Digest digest;
  std::size_t digest_bytes;  // also the salt's length for PSS (RFC 7518 §3.5) and the secret's least length (§3.2)
};

[[nodiscard]] std::span<const AlgorithmRow> algorithm_table() noexcept;
// Null: these two do not go together.
[[nodiscard]] const AlgorithmRow* find_row(base::Algorithm algorithm, KeyType type) noexcept;

}  // namespace bearerd::jose
