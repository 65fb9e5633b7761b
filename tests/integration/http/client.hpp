// A client that sends exactly the bytes that a test wants, and reads answers one by one.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.hpp"
#include "settings/settings.hpp"

namespace bearerd::http::testing {

struct Answer {
  int status = 0;
  std::string head, body;
  [[nodiscard]] bool has(std::string_view line) const {
    return head.find(std::string(line) + "\r\n") != std::string::npos;
  }
};

class Client {
 public:
  explicit Client(const settings::Address& address)
      : fd_(::socket(address.is_unix ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (address.is_unix) {
      sockaddr_un where{};
      where.sun_family = AF_UNIX;
      address.path.copy(where.sun_path, sizeof where.sun_path - 1);
      is_connected_ = connect_to(where);
    } else {
      sockaddr_in where{};
      where.sin_family = AF_INET;
      where.sin_port = htons(address.port);
      inet_pton(AF_INET, address.host.c_str(), &where.sin_addr);
      is_connected_ = connect_to(where);
    }
  }

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] bool is_connected() const { return is_connected_; }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void finish_sending() { ::shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_.reset(); }

  // The next answer; nothing when the connection ended or nothing came in `patience`.
  std::optional<Answer> read(bool is_body_omitted = false,
                             std::chrono::milliseconds patience = std::chrono::seconds(10)) {
    std::size_t end = std::string::npos;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive(patience)) return std::nullopt;
    }
    Answer answer;
    answer.head = received_.substr(0, end + 2);
    answer.status = std::atoi(answer.head.c_str() + sizeof "HTTP/1.1");
    received_.erase(0, end + 4);
    const std::size_t at = answer.head.find("Content-Length: ");
    const std::size_t length =
        at == std::string::npos || is_body_omitted ? 0 : std::strtoul(answer.head.c_str() + at + 16, nullptr, 10);
    while (received_.size() < length) {
      if (!receive(patience)) return std::nullopt;
    }
    answer.body = received_.substr(0, length);
    received_.erase(0, length);
    return answer;
  }
  int status() {
    const auto answer = read();
    return answer ? answer->status : 0;
  }
  // The other side ended the connection, and sent nothing more before.
  [[nodiscard]] bool is_closed(std::chrono::milliseconds patience = std::chrono::seconds(10)) {
    return received_.empty() && !receive(patience) && is_ended_;
  }

 private:
  template <class Where>
  bool connect_to(const Where& where) {
    return ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
  }
  bool receive(std::chrono::milliseconds patience) {
    pollfd watched{fd_.get(), POLLIN, 0};
    if (::poll(&watched, 1, static_cast<int>(patience.count())) <= 0) return false;
    char bytes[16384];
    const ssize_t size = ::recv(fd_.get(), bytes, sizeof bytes, 0);
    is_ended_ = size <= 0;
    if (size > 0) received_.append(bytes, static_cast<std::size_t>(size));
    return size > 0;
  }

  base::FileDescriptor fd_;
  std::string received_;
  bool is_connected_ = false, is_ended_ = false;
};

}  // namespace bearerd::http::testing
