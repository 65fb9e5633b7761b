// The bytes of one client's connection, plain or through TLS. Never waits.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/file.hpp"
#include "http/tls_server.hpp"

namespace bearerd::http {

// What became of a try to move bytes.
enum class Moved : std::uint8_t {
  kSome = 1,  // `size` of them, at least one
  kNone,      // none can be moved now: wait for the socket
  kEnd,       // the client will send no more
  kBroken,    // nothing works any more
};

struct Transfer {
  Moved moved = Moved::kBroken;
  std::size_t size = 0;
};

class Stream {
 public:
  // `tls` null: plain.
  Stream(base::FileDescriptor socket, SslPointer tls) noexcept : socket_(std::move(socket)), tls_(std::move(tls)) {}

  [[nodiscard]] Transfer receive(std::span<char> space);
  [[nodiscard]] Transfer send(std::string_view bytes);
  // Whether bytes wait in here, of which the socket tells nothing any more.
  [[nodiscard]] bool has_buffered() const noexcept { return tls_ != nullptr && SSL_pending(tls_.get()) > 0; }
  // epoll's events to wait for when receive() moved none: a handshake may have to write first.
  [[nodiscard]] std::uint32_t awaited() const noexcept;
  // No more is sent.
  void end_sending() noexcept;
  void close() noexcept;

  [[nodiscard]] bool is_open() const noexcept { return socket_.is_open(); }
  [[nodiscard]] int fd() const noexcept { return socket_.get(); }

 private:
  [[nodiscard]] Transfer judge(int result) noexcept;

  base::FileDescriptor socket_;
  SslPointer tls_;  // uses socket_
  bool wants_to_write_ = false;
  bool is_broken_ = false;
};

}  // namespace bearerd::http
