// URLs of identity providers as operators write them, and the slips that they copy from published pages.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/url.hpp"

namespace bearerd::settings {

// As base::parse_url, whose errors give way to what would be right where that is known.
[[nodiscard]] base::Result<base::Url> parse_url(std::string_view text);

// A name, an address, or "*." before a name; without a port.
[[nodiscard]] bool is_host_pattern(std::string_view text);

// What was left in from a page: "${name}" or "<name>" (but not a regex's "(?<name>").
[[nodiscard]] std::optional<std::string> find_placeholder(std::string_view text);

// 8-4-4-4-12 hex digits.
[[nodiscard]] bool is_guid(std::string_view text);
[[nodiscard]] bool has_guid_segment(std::string_view path);

}  // namespace bearerd::settings
