// How a user is named in logs and metrics-free places: hex(SHA-256(salt + claim)), byte-identical to DIAL Core's.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace bearerd::observe {

// Lower-case hex, 64 characters. Salt first, no separator. Any thread.
[[nodiscard]] std::string user_key(const base::Secret& salt, std::string_view claim);

}  // namespace bearerd::observe
