// Small, strict work on bytes that are meant as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bearerd::base {

// ASCII only: header names and schemes (RFC 9110 §5.1, §11.1). Never for claims.
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;
[[nodiscard]] std::string to_lower(std::string_view text);

// Well-formed UTF-8 (Unicode table 3-7: no overlong forms, no surrogates), NUL allowed.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

// The first `most` bytes of what is UTF-8, or as many as end with a whole character.
[[nodiscard]] std::string_view cut_at_character(std::string_view text, std::size_t most) noexcept;

// Changes of a letter and swaps of two neighbours, for "did you mean …" (optimal string alignment); O(n·m), so both
// sides are cut at 64 bytes.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// Percent-encodes what an identity header may not hold: bytes outside 0x20–0x7E, '%', outer spaces, and ',' when it is
// an element of a list. Appends to `out`.
void append_header_encoded(std::string& out, std::string_view value, bool is_list_element);

// Strict base-10, whole input, no sign, no spaces.
[[nodiscard]] std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept;

[[nodiscard]] std::string hex(std::span<const std::uint8_t> bytes);

// Appends `text` as the inside of a JSON string. Bytes that are no UTF-8 become U+FFFD, so the line stays valid JSON.
void append_json_escaped(std::string& out, std::string_view text);
// The same with the quotes around it.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace bearerd::base
