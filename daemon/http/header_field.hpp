// The request headers that bearerd reads, told from all others by length first: no allocation, no hashing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bearerd::http {

enum class HeaderField : std::uint8_t {
  kNone = 0,
  kHost,
  kExpect,
  kConnection,
  kContentLength,
  kTransferEncoding,
  kContentType,
  kAuthorization,
  kApiKey,
  kRequestId,
  kResource,
  kForwardedFor,
  kOriginalMethod,
  kOriginalUri,
  kOriginalHost,
  kOriginalProto,
  kForwardedMethod,
  kForwardedUri,
  kForwardedHost,
  kForwardedProto,
};

inline constexpr std::size_t kHeaderFieldCount = 20;

// A set of header fields.
using HeaderFields = std::uint32_t;

[[nodiscard]] constexpr HeaderFields bit(HeaderField field) noexcept {
  return HeaderFields{1} << static_cast<unsigned>(field);
}

struct HeaderMatch {
  HeaderField field = HeaderField::kNone;
  // Spelled with '_' where the name has '-': many backends fold the two, so a client could speak past its proxy
  // (CVE-2025-64484).
  bool is_underscored = false;
};

// Case-insensitive, as RFC 9110 §5.1 wants.
[[nodiscard]] HeaderMatch match_header(std::string_view name) noexcept;

}  // namespace bearerd::http
