#include "http/stream.hpp"

#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace bearerd::http {
namespace {

bool is_temporary(int error) noexcept { return error == EAGAIN || error == EINTR; }

Transfer of_socket(ssize_t size) noexcept {
  if (size > 0) return {Moved::kSome, static_cast<std::size_t>(size)};
  if (size == 0) return {Moved::kEnd};
  return {is_temporary(errno) ? Moved::kNone : Moved::kBroken};
}

int as_int(std::size_t size) noexcept {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

}  // namespace

Transfer Stream::receive(std::span<char> space) {
  if (tls_ == nullptr) return of_socket(::recv(socket_.get(), space.data(), space.size(), 0));
  ERR_clear_error();
  return judge(SSL_read(tls_.get(), space.data(), as_int(space.size())));
}

Transfer Stream::send(std::string_view bytes) {
  if (tls_ == nullptr) return of_socket(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
  ERR_clear_error();
  const Transfer transfer = judge(SSL_write(tls_.get(), bytes.data(), as_int(bytes.size())));
  // Nothing is sent before a request has come, so the handshake is done; whoever still makes us read does not get to
  // make us spin.
  const bool waits_for_input = transfer.moved == Moved::kNone && !wants_to_write_;
  return waits_for_input ? Transfer{Moved::kBroken} : transfer;
}

Transfer Stream::judge(int result) noexcept {
  wants_to_write_ = false;
  if (result > 0) return {Moved::kSome, static_cast<std::size_t>(result)};
  switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_WRITE:
      wants_to_write_ = true;
      return {Moved::kNone};
    case SSL_ERROR_WANT_READ:
      return {Moved::kNone};
    case SSL_ERROR_ZERO_RETURN:
      return {Moved::kEnd};
    default:
      is_broken_ = true;
      return {Moved::kBroken};
  }
}

std::uint32_t Stream::awaited() const noexcept { return wants_to_write_ ? EPOLLIN | EPOLLOUT : EPOLLIN; }

void Stream::end_sending() noexcept {
  // A close_notify, if the socket takes it: without one the client can't tell an end from a cut (RFC 8446 §6.1).
  if (tls_ != nullptr && !is_broken_ && SSL_is_init_finished(tls_.get()) == 1) SSL_shutdown(tls_.get());
  ::shutdown(socket_.get(), SHUT_WR);
}

void Stream::close() noexcept {
  if (tls_ != nullptr && socket_.is_open()) end_sending();
  ERR_clear_error();
  tls_.reset();
  socket_.reset();
}

}  // namespace bearerd::http
