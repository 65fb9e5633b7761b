// The two members of a provider's metadata that we use (OpenID Connect Discovery 1.0 §3, RFC 8414 §2).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bearerd::keys {

struct KeySourceSettings;

inline constexpr std::size_t kMaxDiscoveryBytes = 256U << 10U;

struct Discovery {
  std::string issuer;
  std::string jwks_uri;
};

// Strict JSON; both members must be strings. kInvalid, kTooLarge.
[[nodiscard]] base::Result<Discovery> parse_discovery(std::string_view json);

// Whether this document may say where the keys of this source are: `issuer` equal byte for byte (Discovery §4.3),
// `jwks_uri` https (http on a loopback host when the document itself came so), on the document's own host or a listed
// one. kDenied.
[[nodiscard]] base::Result<void> check_discovery(const Discovery& discovery, const KeySourceSettings& settings);

}  // namespace bearerd::keys
