// RFC 3986 §2.1.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bearerd::base {

// Of a hexadecimal digit, in either case; -1: it is none.
[[nodiscard]] constexpr int hex_value(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

// Each escape decoded, once; nothing for a broken one.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace bearerd::base
