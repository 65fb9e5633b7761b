#include "http/listening_socket.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace bearerd::http {
namespace {

using base::ErrorCode;
using base::FileDescriptor;
using base::Result;
using settings::Address;

union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
  sockaddr_un local;
  sockaddr_storage storage;
};

tl::unexpected<base::Error> fail_on(const Address& address, std::string_view step, int error) {
  return base::fail(ErrorCode::kUnavailable, "listen on " + address.display() + ": " + std::string(step) + ": " +
                                                 base::system_error_text(error));
}

Result<socklen_t> resolve(const Address& address, SocketAddress& out) {
  std::memset(&out, 0, sizeof out);
  if (inet_pton(AF_INET, address.host.c_str(), &out.v4.sin_addr) == 1) {
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(address.port);
    return socklen_t{sizeof out.v4};
  }
  if (inet_pton(AF_INET6, address.host.c_str(), &out.v6.sin6_addr) == 1) {
    out.v6.sin6_family = AF_INET6;
    out.v6.sin6_port = htons(address.port);
    return socklen_t{sizeof out.v6};
  }
  return base::fail(ErrorCode::kInvalid, "listen on " + address.display() + ": not a numeric address");
}

Address address_of(const SocketAddress& where) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (where.any.sa_family == AF_INET) {
    inet_ntop(AF_INET, &where.v4.sin_addr, text.data(), text.size());
    return {false, text.data(), ntohs(where.v4.sin_port), {}};
  }
  if (where.any.sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &where.v6.sin6_addr, text.data(), text.size());
    return {false, text.data(), ntohs(where.v6.sin6_port), {}};
  }
  return {true, {}, 0, where.local.sun_path};
}

// However the settings spell an IPv6 address, the kernel has one way.
bool is_bound_to(const ListeningSocket& socket, const Address& address) {
  SocketAddress where{};
  const bool is_numeric = !address.is_unix && resolve(address, where).has_value();
  return bound_address(socket.fd.get()) == (is_numeric ? address_of(where) : address);
}

Result<FileDescriptor> bind_tcp(const Address& address, bool shares_port) {
  SocketAddress where{};
  const auto length = resolve(address, where);
  if (!length) return tl::make_unexpected(length.error());
  FileDescriptor fd(::socket(where.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) return fail_on(address, "make a socket", errno);
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (shares_port) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (where.any.sa_family == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // inherited by what is accepted
  if (::bind(fd.get(), &where.any, *length) != 0) return fail_on(address, "bind", errno);
  return fd;
}

// With SO_REUSEPORT a second daemon of the same user would share the port in silence; a socket without it is refused
// the port.
Result<void> check_free(const Address& address) {
  const auto probe = bind_tcp(address, false);
  if (!probe) return tl::make_unexpected(probe.error());
  return {};
}

Result<ListeningSocket> listen_tcp(const Address& address) {
  auto fd = bind_tcp(address, true);
  if (!fd) return tl::make_unexpected(std::move(fd.error()));
  if (::listen(fd->get(), kListenBacklog) != 0) return fail_on(address, "listen", errno);
  return ListeningSocket{std::move(*fd), true};
}

}  // namespace

Result<std::vector<ListeningSocket>> open_tcp(const Address& address, std::size_t count) {
  if (address.port != 0) {
    if (auto is_free = check_free(address); !is_free) return tl::make_unexpected(std::move(is_free.error()));
  }
  std::vector<ListeningSocket> sockets;
  Address wanted = address;
  for (std::size_t i = 0; i < count; ++i) {
    auto socket = listen_tcp(wanted);
    if (!socket) return tl::make_unexpected(std::move(socket.error()));
    if (wanted.port == 0) wanted.port = bound_address(socket->fd.get()).port;
    sockets.push_back(std::move(*socket));
  }
  return sockets;
}

Result<ListeningSocket> adopt(FileDescriptor fd) {
  int is_listening = 0;
  int type = 0;
  socklen_t size = sizeof is_listening;
  const bool is_socket = ::getsockopt(fd.get(), SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) == 0 &&
                         ::getsockopt(fd.get(), SOL_SOCKET, SO_TYPE, &type, &size) == 0;
  if (!is_socket || is_listening == 0 || type != SOCK_STREAM) {
    return base::fail(ErrorCode::kInvalid,
                      "take over descriptor " + std::to_string(fd.get()) + ": not a listening stream socket");
  }
  const bool is_tcp = !bound_address(fd.get()).is_unix;
  const int on = 1;
  if (is_tcp) ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
  ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
  return ListeningSocket{std::move(fd), is_tcp};
}

bool is_bound_to_any(const ListeningSocket& socket, const std::vector<Address>& addresses) {
  return std::ranges::any_of(addresses, [&socket](const Address& address) { return is_bound_to(socket, address); });
}

std::optional<ListeningSocket> take_bound_to(std::vector<ListeningSocket>& sockets, const Address& address) {
  const auto found =
      std::ranges::find_if(sockets, [&address](const ListeningSocket& socket) { return is_bound_to(socket, address); });
  if (found == sockets.end()) return std::nullopt;
  std::optional<ListeningSocket> taken(std::move(*found));
  sockets.erase(found);
  return taken;
}

Address bound_address(int fd) {
  SocketAddress where{};
  socklen_t length = sizeof where;
  if (::getsockname(fd, &where.any, &length) != 0) return {};
  return address_of(where);
}

}  // namespace bearerd::http
