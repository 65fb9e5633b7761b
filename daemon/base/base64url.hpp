// base64url without padding, one spelling per value (RFC 4648 §5, RFC 7515 §2): no white space, no '=', no loose
// trailing bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bearerd::base {

// Exact size of the decoded bytes for an encoded length, or nullopt for a length that can't be (≡ 1 mod 4).
[[nodiscard]] std::optional<std::size_t> decoded_size(std::size_t encoded) noexcept;
// Writes exactly decoded_size(text.size()) bytes to `out`; false when the text is not strict base64url.
[[nodiscard]] bool decode_base64url(std::string_view text, std::uint8_t* out) noexcept;
[[nodiscard]] std::optional<std::vector<std::uint8_t>> decode_base64url(std::string_view text);
[[nodiscard]] std::string encode_base64url(std::span<const std::uint8_t> bytes);

}  // namespace bearerd::base
