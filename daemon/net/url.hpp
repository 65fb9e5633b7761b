// Where a redirect leads.
#pragma once

#include <string_view>

#include "base/url.hpp"

namespace bearerd::net {

// The absolute form of a Location header seen in the answer of `from` (RFC 3986 §5, RFC 9110 §10.2.2). kInvalid as for
// base::parse_url.
[[nodiscard]] base::Result<base::Url> resolve_reference(const base::Url& from, std::string_view reference);

}  // namespace bearerd::net
