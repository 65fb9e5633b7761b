// Listening sockets: of TCP, and those that were opened for us. A UNIX socket of our own is a SocketFile.
#pragma once

#include <cstddef>
#include <optional>
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

// A socket that was opened for us (systemd). kInvalid: not a listening stream socket.
[[nodiscard]] base::Result<ListeningSocket> adopt(base::FileDescriptor fd);

[[nodiscard]] bool is_bound_to_any(const ListeningSocket& socket, const std::vector<settings::Address>& addresses);

// Takes the socket that is bound to `address` out of those that were opened for us; absent when there is none.
[[nodiscard]] std::optional<ListeningSocket> take_bound_to(std::vector<ListeningSocket>& sockets,
                                                           const settings::Address& address);

// Where a socket is bound.
[[nodiscard]] settings::Address bound_address(int fd);

}  // namespace bearerd::http
