// The URLs that we fetch: http and https only, in the narrow form that settings and discovery documents have (RFC 3986,
// RFC 9110 §4.2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bearerd::net {

struct Url {
  bool is_https = true;
  std::string host;  // lower case; an IPv6 literal without its brackets
  std::uint16_t port = 443;
  std::string target = "/";  // path and query, as sent in the request line

  // What the Host header holds: brackets around an IPv6 literal, the port only when it is not the scheme's own.
  [[nodiscard]] std::string authority() const;
  // For messages: without the path and the query, which may hold what is not ours to print.
  [[nodiscard]] std::string origin() const;

  friend bool operator==(const Url&, const Url&) = default;
};

// kInvalid for everything unusual: other schemes, user information, a fragment, control characters, spaces, bytes
// outside ASCII, backslashes, a percent sign in the host, an empty host, a port out of range.
[[nodiscard]] base::Result<Url> parse_url(std::string_view text);

// The absolute form of a Location header seen in the answer of `base` (RFC 3986 §5, RFC 9110 §10.2.2). kInvalid as for
// parse_url.
[[nodiscard]] base::Result<Url> resolve_reference(const Url& base, std::string_view reference);

// "localhost", a name below it (RFC 6761 §6.3), or a literal of 127.0.0.0/8 or ::1.
[[nodiscard]] bool is_loopback_host(std::string_view host);

}  // namespace bearerd::net
