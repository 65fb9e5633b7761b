// What a token's `typ` says that it is (RFC 7515 §4.1.9, RFC 8725 §3.11).
#pragma once

#include <string_view>

namespace bearerd::jose {

// Drops one "application/" in front, in any case of its letters.
[[nodiscard]] std::string_view without_application_prefix(std::string_view type) noexcept;

// True for a `typ` that names something other than an access token or a plain JWT: logout+jwt, dpop+jwt, secevent+jwt,
// token-introspection+jwt, JOSE+JSON and whatever else is a media type of its own. Refuse such a token with
// kWrongTokenUse, however good its signature (RFC 8725 §3.12). As the parser leaves it: without one "application/".
[[nodiscard]] bool is_foreign_token_type(std::string_view type) noexcept;

}  // namespace bearerd::jose
