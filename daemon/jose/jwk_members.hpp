// Typed reading of one JWK's members (RFC 7517 §4). For the sources of this layer only.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "jose/key_builder.hpp"

namespace bearerd::jose {

inline constexpr std::size_t kMaxNameBytes = 512;
// 8192 bits and a sign byte, in base64url. Looked at before decoding.
inline constexpr std::size_t kMaxNumberText = (1025 * 4 + 2) / 3;
inline constexpr std::size_t kMaxSecretText = 4096;

// Why a key of a set is passed over. Names a member, never what it holds.
[[nodiscard]] tl::unexpected<base::Error> skip(std::string why);

[[nodiscard]] bool has(simdjson::dom::object jwk, std::string_view name) noexcept;
// Absent: nullopt. Present and no string, or too long: an error.
[[nodiscard]] base::Result<std::optional<std::string_view>> optional_text(simdjson::dom::object jwk,
                                                                          std::string_view name, std::size_t max_bytes);
// The decoded base64url of a member that must be there.
[[nodiscard]] base::Result<std::vector<std::uint8_t>> bytes_of(simdjson::dom::object jwk, std::string_view name,
                                                               std::size_t max_text);
// `alg`, `kid`, `issuer` and the thumbprints.
[[nodiscard]] base::Result<KeyTraits> traits_of(simdjson::dom::object jwk);

}  // namespace bearerd::jose
