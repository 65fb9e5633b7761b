// The URLs that settings and discovery documents name and that we fetch: http and https only, in one narrow form (RFC
// 3986, RFC 9110 §4.2), so that nothing passes a check of the settings that a fetch refuses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bearerd::base {

inline constexpr std::size_t kMaxUrlBytes = 4096;

struct Url {
  bool is_https = true;
  std::string host;  // lower case; an IPv6 literal without its brackets, a name without the root's dot
  std::uint16_t port = 443;
  std::string target = "/";  // path and query, as sent in the request line

  // What the Host header holds: brackets around an IPv6 literal, the port only when it is not the scheme's own.
  [[nodiscard]] std::string authority() const;
  // For messages: without the path and the query, which may hold what is not ours to print.
  [[nodiscard]] std::string origin() const;

  friend bool operator==(const Url&, const Url&) = default;
};

// kInvalid for everything unusual: other schemes, user information, a fragment, control characters, spaces, bytes
// outside ASCII, backslashes, a percent sign in the host, an empty host, a port out of range. The error's text goes on
// behind what the URL is called, as in "has no valid host".
[[nodiscard]] Result<Url> parse_url(std::string_view text);

// What RFC 3986 allows in a path or a query; everything else would be read in different ways by different programs.
[[nodiscard]] bool is_url_character(char c) noexcept;

// A name or a dotted IPv4 address. Underscores are no host name, but internal zones have them.
[[nodiscard]] bool is_host_name(std::string_view host) noexcept;
// Without brackets and without a zone.
[[nodiscard]] bool is_ipv6_literal(std::string_view host);

// "localhost", a name below it (RFC 6761 §6.3), or a literal of 127.0.0.0/8, also mapped into IPv6, or ::1. `host` is
// in lower case.
[[nodiscard]] bool is_loopback_host(std::string_view host);

}  // namespace bearerd::base
