#include "net/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace bearerd::net {
namespace {

bool is_refused_ipv4(std::uint32_t address) noexcept {
  const bool is_this_network = (address >> 24U) == 0;        // 0.0.0.0/8: Linux connects 0.0.0.0 to the host itself
  const bool is_link_local = (address >> 16U) == 0xA9FE;     // 169.254.0.0/16
  const bool is_multicast_or_above = address >= 0xE0000000;  // 224.0.0.0/4, 240.0.0.0/4, broadcast
  return is_this_network || is_link_local || is_multicast_or_above;
}

std::uint32_t read_ipv4(const std::uint8_t* bytes) noexcept {
  return (std::uint32_t{bytes[0]} << 24U) | (std::uint32_t{bytes[1]} << 16U) | (std::uint32_t{bytes[2]} << 8U) |
         bytes[3];
}

bool starts_with(const std::uint8_t* bytes, std::initializer_list<std::uint8_t> prefix) noexcept {
  return std::equal(prefix.begin(), prefix.end(), bytes);
}

}  // namespace

std::optional<Address> Address::from_system(const sockaddr* address, socklen_t length, std::uint16_t port) noexcept {
  Address result;
  if (address->sa_family == AF_INET && length >= sizeof(sockaddr_in)) {
    std::memcpy(&result.storage_, address, sizeof(sockaddr_in));
    reinterpret_cast<sockaddr_in*>(&result.storage_)->sin_port = htons(port);
    return result;
  }
  if (address->sa_family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
    std::memcpy(&result.storage_, address, sizeof(sockaddr_in6));
    reinterpret_cast<sockaddr_in6*>(&result.storage_)->sin6_port = htons(port);
    return result;
  }
  return std::nullopt;
}

std::optional<Address> Address::from_literal(std::string_view text, std::uint16_t port) {
  const std::string copy(text);
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  if (::inet_pton(AF_INET, copy.c_str(), &v4.sin_addr) == 1)
    return from_system(reinterpret_cast<const sockaddr*>(&v4), sizeof v4, port);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  if (::inet_pton(AF_INET6, copy.c_str(), &v6.sin6_addr) == 1)
    return from_system(reinterpret_cast<const sockaddr*>(&v6), sizeof v6, port);
  return std::nullopt;
}

std::optional<std::uint32_t> Address::embedded_ipv4() const noexcept {
  if (storage_.ss_family == AF_INET) return ntohl(reinterpret_cast<const sockaddr_in*>(&storage_)->sin_addr.s_addr);
  const std::uint8_t* bytes = reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr.s6_addr;
  const bool is_mapped = starts_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF});
  const bool is_nat64 = starts_with(bytes, {0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0});  // RFC 6052 §2.1
  const bool is_compatible = starts_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) && read_ipv4(bytes + 12) > 1;
  if (is_mapped || is_nat64 || is_compatible) return read_ipv4(bytes + 12);
  if (starts_with(bytes, {0x20, 0x02})) return read_ipv4(bytes + 2);  // 6to4, RFC 3056 §2
  return std::nullopt;
}

bool Address::is_loopback() const noexcept {
  // A translated 127.0.0.1 (NAT64, 6to4) leaves the machine.
  const bool is_own = storage_.ss_family == AF_INET ||
                      IN6_IS_ADDR_V4MAPPED(&reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr) != 0;
  if (is_own) return (embedded_ipv4().value_or(0) >> 24U) == 127;
  return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr) != 0;
}

bool Address::is_refused() const noexcept {
  if (const auto v4 = embedded_ipv4()) return is_refused_ipv4(*v4);
  const std::uint8_t* bytes = reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr.s6_addr;
  const bool is_link_local = bytes[0] == 0xFE && (bytes[1] & 0xC0U) == 0x80;  // fe80::/10
  const bool is_multicast = bytes[0] == 0xFF;
  const bool is_unspecified = std::all_of(bytes, bytes + 16, [](std::uint8_t byte) { return byte == 0; });
  return is_link_local || is_multicast || is_unspecified;
}

socklen_t Address::size() const noexcept {
  return storage_.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
}

}  // namespace bearerd::net
