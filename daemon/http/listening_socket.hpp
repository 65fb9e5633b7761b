// Listening sockets, TCP and UNIX.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"
#include "base/result.hpp"
#include "settings/settings.hpp"

namespace bearerd::http {

// How many connections may wait to be accepted.
inline constexpr int kListenBacklog = 4096;

struct ListeningSocket {
  base::FileDescriptor fd;
  bool is_tcp = false;
};

// One socket per loop, among which the kernel spreads connections (SO_REUSEPORT). Port 0 takes a free one. The error
// names the address.
[[nodiscard]] base::Result<std::vector<ListeningSocket>> open_tcp(const settings::Address& address, std::size_t count);

// One socket for all loops, mode 0660, of `group` where the system has it. A socket file that nobody listens on is
// replaced; one that somebody listens on, or anything else at that place, is an error.
[[nodiscard]] base::Result<ListeningSocket> open_unix(const std::string& path, const std::string& group);

// A socket that was opened for us (systemd). kInvalid: not a listening stream socket.
[[nodiscard]] base::Result<ListeningSocket> adopt(base::FileDescriptor fd);

// Where a socket is bound.
[[nodiscard]] settings::Address bound_address(int fd);

}  // namespace bearerd::http
