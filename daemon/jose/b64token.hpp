// What a credential is spelled with, before anything is decoded.
#pragma once

#include <cstdint>
#include <string_view>

namespace bearerd::jose {

// The narrowest that all of a text fits in.
enum class Alphabet : std::uint8_t {
  kCompact = 1,  // base64url characters and dots: a compact serialization, perhaps (RFC 7515 §7.1)
  kB64Token,     // 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=" (RFC 6750 §2.1)
  kForeign,      // anything else, and nothing at all
};

// Asked about every request, remembered token or not: looks at 16 characters at a time.
[[nodiscard]] Alphabet alphabet_of(std::string_view text) noexcept;

}  // namespace bearerd::jose
