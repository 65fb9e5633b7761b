// From the bytes of a bearer token to a token whose shape is right and whose content nobody has vouched for yet
// (RFC 7515 §3.1 and §5.2, RFC 7519 §7.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <tl/expected.hpp>

#include "base/algorithm.hpp"
#include "base/reason.hpp"
#include "jose/claims.hpp"

namespace bearerd::jose {

// The JOSE header, strings lent by the parser.
struct Header {
  std::string_view algorithm_name;  // as it was sent; for messages only through `algorithm`
  std::optional<base::Algorithm>
      algorithm;  // absent: one that we do not know (alg_not_allowed, decided later, after the issuer)
  std::optional<std::string_view> key_id;
  std::optional<std::string_view> x5t;  // as sent, base64url
  std::optional<std::string_view> x5t_s256;
  std::optional<std::string_view> type;  // without an "application/" prefix (RFC 7515 §4.1.9); compare ignoring case
};

// Its claims must not be used to decide anything but which issuer is asked. Lent by the parser that made it.
struct UnverifiedToken {
  Header header;
  Claims claims;
  std::string_view signing_input;  // the received bytes (RFC 7515 §5.2 step 8), lent by the caller's token
  std::span<const std::uint8_t> signature;
};

struct TokenLimits {
  std::size_t max_token_bytes = 16 * 1024;
  std::size_t max_header_bytes = 4 * 1024;  // encoded
  std::size_t max_depth = 16;
};

// What a credential looks like before anything is decoded.
enum class Shape : std::uint8_t {
  kCompactJws = 1,  // three segments of base64url characters
  kCompactJwe,      // five segments
  kOpaque,          // one or more b64token characters (RFC 6750 §2.1), no compact form: perhaps an opaque token
  kMalformed,       // also what begins like a JOSE header and has dots, but no compact form
};
[[nodiscard]] Shape shape_of(std::string_view credential) noexcept;

// Whether the first segment, decoded, begins like the JSON object that a JOSE header is (RFC 7515 §4). Opaque tokens
// may have dots, too (Google's "ya29.c.…").
[[nodiscard]] bool begins_with_jose_header(std::string_view credential) noexcept;

// Reuses its buffers: one per thread, and a parsed token lives until the next call. Not thread-safe.
class TokenParser {
 public:
  explicit TokenParser(TokenLimits limits = {});
  ~TokenParser();
  TokenParser(const TokenParser&) = delete;
  TokenParser& operator=(const TokenParser&) = delete;

  // Refusals: kTooLarge, kMalformed, kEncryptedToken (five segments, or a header with `enc`), kCriticalHeader (`crit`
  // in any form, `b64`), kAlgNotAllowed for `none` in every spelling, kSenderConstrained is NOT decided here.
  [[nodiscard]] tl::expected<UnverifiedToken, base::Reason> parse(std::string_view token);

 private:
  struct Buffers;
  TokenLimits limits_;
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace bearerd::jose
