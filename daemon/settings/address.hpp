// Where to listen.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "settings/settings.hpp"

namespace bearerd::settings {

// "127.0.0.1:9180", "[::1]:9180", "localhost:9180", "unix:/run/bearerd/verify.sock". Port 0 lets the system choose.
[[nodiscard]] base::Result<Address> parse_address(std::string_view text);

// UNIX sockets and 127.0.0.0/8, ::1.
[[nodiscard]] bool is_local(const Address& address);

}  // namespace bearerd::settings
