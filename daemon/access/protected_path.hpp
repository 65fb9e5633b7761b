// The path that rules see: one spelling for everything that a backend may take for the same resource (RFC 3986 §6.2.2).
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bearerd::access {

// `target` is the protected request's path with or without query, as the proxy got it. The result has no query, dot
// segments, doubled slashes or loose percent-encoding, and begins with '/'. It views `target` where nothing was to be
// changed, else `storage`, which it overwrites. Normalising a result again changes nothing.
//
// kInvalid: not absolute, climbs above the root, holds a fragment, NUL, another raw control character, a backslash or a
// dot in encoded form, a dot segment with parameters ("..;v=1") or a broken percent-encoding. Backends disagree about
// these, so there is no spelling to judge by.
[[nodiscard]] base::Result<std::string_view> normalise_path(std::string_view target, std::string& storage);

// As a backend sees it that drops the parameters of segments (";v=1", RFC 3986 §3.3) before it looks at them; into
// `storage`.
[[nodiscard]] std::string_view without_parameters(std::string_view normalised_path, std::string& storage);

// An encoded slash stays "%2F": whether it separates segments is up to the backend.
[[nodiscard]] bool has_encoded_slash(std::string_view normalised_path) noexcept;

}  // namespace bearerd::access
