// The characters that protocols are made of, whatever the locale says. Never for claims: those are UTF-8.
#pragma once

#include <algorithm>
#include <string_view>

namespace bearerd::base {

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

[[nodiscard]] constexpr bool is_alphanumeric(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

[[nodiscard]] constexpr bool is_hex_digit(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

[[nodiscard]] constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// Not empty, and nothing but letters, digits and `marks`.
[[nodiscard]] constexpr bool is_made_of(std::string_view text, std::string_view marks) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alphanumeric(c) || marks.find(c) != std::string_view::npos;
  });
}

// A method or the name of a header (RFC 9110 §5.6.2).
[[nodiscard]] constexpr bool is_http_token(std::string_view text) noexcept {
  return is_made_of(text, "!#$%&'*+-.^_`|~");
}

}  // namespace bearerd::base
