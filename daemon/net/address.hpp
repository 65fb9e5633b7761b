// The addresses that a fetch may connect to, judged on the very bytes that are given to connect().
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace bearerd::net {

// An IPv4 or IPv6 address with a port. A value.
class Address {
 public:
  // `address` is an AF_INET or AF_INET6 address of `length` bytes; nullopt for anything else.
  [[nodiscard]] static std::optional<Address> from_system(const sockaddr* address, socklen_t length,
                                                          std::uint16_t port) noexcept;
  // Dotted IPv4 (four decimal numbers) or IPv6 without brackets and without a zone. No name is looked up.
  [[nodiscard]] static std::optional<Address> from_literal(std::string_view text, std::uint16_t port);

  // 127.0.0.0/8, ::1, and IPv4 within IPv6.
  [[nodiscard]] bool is_loopback() const noexcept;
  // Nowhere a key or a token endpoint can be: link-local (169.254.0.0/16 holds the clouds' metadata services,
  // fe80::/10), the unspecified address (it reaches the host itself), multicast, broadcast; also as IPv4 within IPv6
  // (mapped, compatible, NAT64, 6to4). Loopback and private ranges are allowed: issuers are often internal.
  [[nodiscard]] bool is_refused() const noexcept;

  [[nodiscard]] int family() const noexcept { return storage_.ss_family; }
  [[nodiscard]] const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&storage_); }
  [[nodiscard]] socklen_t size() const noexcept;

 private:
  // The IPv4 address that this one is or stands for, host byte order.
  [[nodiscard]] std::optional<std::uint32_t> embedded_ipv4() const noexcept;

  sockaddr_storage storage_{};
};

}  // namespace bearerd::net
