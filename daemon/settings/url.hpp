// URLs of identity providers as operators write them, and the slips that they copy from published pages.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace bearerd::settings {

struct Url {
  bool is_https = false;
  std::string host;  // lower case, without port or brackets
  std::string path;  // from "/", with the query
};

// http or https, with a host, without user information or fragment. The error's text says what would be right.
[[nodiscard]] base::Result<Url> parse_url(std::string_view text);

// "localhost", 127.0.0.0/8, ::1.
[[nodiscard]] bool is_loopback_host(std::string_view host);

// A name, an address, or "*." before a name; without a port.
[[nodiscard]] bool is_host_pattern(std::string_view text);

// What was left in from a page: "${name}" or "<name>" (but not a regex's "(?<name>").
[[nodiscard]] std::optional<std::string> find_placeholder(std::string_view text);

// 8-4-4-4-12 hex digits.
[[nodiscard]] bool is_guid(std::string_view text);
[[nodiscard]] bool has_guid_segment(std::string_view path);

}  // namespace bearerd::settings
