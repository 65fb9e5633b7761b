// The names of the signature algorithms that bearerd knows (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). Which key
// each one takes is jose's closed table; settings and plugins only need the names.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bearerd::base {

enum class Algorithm : std::uint8_t {
  kRs256 = 1,
  kRs384,
  kRs512,
  kPs256,
  kPs384,
  kPs512,
  kEs256,
  kEs384,
  kEs512,
  kEdDsa,  // "EdDSA", and "Ed25519" of RFC 9864: the same thing here, because only that curve is taken
  kHs256,
  kHs384,
  kHs512,
};

inline constexpr std::size_t kAlgorithmCount = 13;

[[nodiscard]] const std::array<Algorithm, kAlgorithmCount>& all_algorithms() noexcept;

// Case-sensitive, as RFC 7515 §4.1.1 wants. "none" and what we do not implement are simply not there.
[[nodiscard]] std::optional<Algorithm> find_algorithm(std::string_view name) noexcept;
// "unknown" for a value that is none.
[[nodiscard]] std::string_view name(Algorithm algorithm) noexcept;
[[nodiscard]] constexpr bool is_symmetric(Algorithm algorithm) noexcept { return algorithm >= Algorithm::kHs256; }

}  // namespace bearerd::base
