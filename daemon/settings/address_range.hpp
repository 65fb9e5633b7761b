// Addresses of clients, and the ranges that they lie in. Every byte of either may be hostile. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bearerd::settings {

// IPv4 or IPv6. An IPv4 address within IPv6 (::ffff:10.0.0.1) is the IPv4 address.
class ClientAddress {
 public:
  // An address alone: no port, no brackets, no zone.
  [[nodiscard]] static std::optional<ClientAddress> parse(std::string_view text) noexcept;

 private:
  friend class AddressRange;
  std::array<std::uint8_t, 16> bytes_{};  // IPv4: the first four
  bool is_ipv4_ = false;
};

// "10.0.0.0/8", "2001:db8::/32", or a single address; bits behind the prefix do not count.
class AddressRange {
 public:
  [[nodiscard]] static std::optional<AddressRange> parse(std::string_view text) noexcept;
  // As "10.0.0.0/8".
  [[nodiscard]] std::string to_text() const;
  // An IPv4 range holds no IPv6 address, nor the other way round.
  [[nodiscard]] bool contains(const ClientAddress& address) const noexcept;

 private:
  ClientAddress first_;
  unsigned bits_ = 0;
};

}  // namespace bearerd::settings
