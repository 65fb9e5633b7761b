#include "net/connector.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace bearerd::net {
namespace {

using base::ErrorCode;
using base::FileDescriptor;

int milliseconds_until(base::SteadyTime deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 60'000));
}

base::Result<void> wait_for_connection(int fd, base::SteadyTime deadline) {
  pollfd entry{fd, POLLOUT, 0};
  int ready = 0;
  do {
    ready = ::poll(&entry, 1, milliseconds_until(deadline));
  } while (ready < 0 && errno == EINTR);
  if (ready == 0) return base::fail(ErrorCode::kTimeout, "no answer within the deadline");
  int error = 0;
  socklen_t length = sizeof error;
  if (ready < 0 || ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  if (error != 0) return base::fail(ErrorCode::kUnavailable, base::system_error_text(error));
  return {};
}

base::Result<FileDescriptor> connect_to_address(const Address& address, base::SteadyTime deadline) {
  FileDescriptor fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) return base::fail(ErrorCode::kInternal, base::system_error_text(errno));
  if (::connect(fd.get(), address.data(), address.size()) != 0) {
    if (errno != EINPROGRESS) return base::fail(ErrorCode::kUnavailable, base::system_error_text(errno));
    if (auto connected = wait_for_connection(fd.get(), deadline); !connected)
      return tl::make_unexpected(connected.error());
  }
  const int flags = ::fcntl(fd.get(), F_GETFL);
  if (flags < 0 || ::fcntl(fd.get(), F_SETFL, flags & ~O_NONBLOCK) != 0)
    return base::fail(ErrorCode::kInternal, base::system_error_text(errno));
  const int yes = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return fd;
}

// The next address gets its chance even if this one never answers.
base::SteadyTime share_of(base::SteadyTime deadline, std::size_t addresses_left) {
  const auto now = std::chrono::steady_clock::now();
  if (addresses_left <= 1 || deadline <= now) return deadline;
  return now + (deadline - now) / 2;
}

}  // namespace

base::Result<FileDescriptor> connect_to(const base::Url& url, Resolver& resolver, base::SteadyTime deadline) {
  auto addresses = resolver.resolve(url.host, url.port, deadline);
  if (!addresses) return tl::make_unexpected(addresses.error());
  const auto is_forbidden = [&](const Address& address) {
    return address.is_refused() || (!url.is_https && !address.is_loopback());
  };
  std::erase_if(*addresses, is_forbidden);
  if (addresses->empty())
    return base::fail(ErrorCode::kDenied, url.origin() + " resolves to an address that must not be connected to");
  base::Error last;
  for (std::size_t i = 0; i < addresses->size(); ++i) {
    auto connected = connect_to_address((*addresses)[i], share_of(deadline, addresses->size() - i));
    if (connected) return connected;
    last = connected.error();
  }
  last.text = "cannot connect to " + url.origin() + ": " + last.text;
  return tl::make_unexpected(last);
}

}  // namespace bearerd::net
