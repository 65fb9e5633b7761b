// Tells whether two JWK Sets hold the same keys, however they are written down.
#pragma once

#include <string>
#include <string_view>

namespace bearerd::keys {

// The objects of the set's arrays without white space, sorted. `json` must have passed jose::parse_key_set.
[[nodiscard]] std::string canonical_key_set(std::string_view json);

}  // namespace bearerd::keys
