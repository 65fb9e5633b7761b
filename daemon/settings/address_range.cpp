#include "settings/address_range.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "base/text.hpp"

namespace bearerd::settings {
namespace {

constexpr std::size_t kLongestAddress = INET6_ADDRSTRLEN - 1;
constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr unsigned kMappedBits = 96, kIpv4Bits = 32, kIpv6Bits = 128;

// As it is written: an IPv4 address within IPv6 stays IPv6.
struct Literal {
  std::array<std::uint8_t, 16> bytes{};
  int family = AF_UNSPEC;
};

Literal parse_literal(std::string_view text) noexcept {
  Literal literal;
  if (text.empty() || text.size() > kLongestAddress || text.find('\0') != std::string_view::npos) return literal;
  std::array<char, kLongestAddress + 1> terminated{};
  std::copy(text.begin(), text.end(), terminated.begin());
  for (const int family : {AF_INET, AF_INET6}) {
    if (::inet_pton(family, terminated.data(), literal.bytes.data()) != 1) continue;
    literal.family = family;
    return literal;
  }
  return literal;
}

bool is_mapped(const Literal& literal) noexcept {
  return literal.family == AF_INET6 && std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), literal.bytes.begin());
}

}  // namespace

std::optional<ClientAddress> ClientAddress::parse(std::string_view text) noexcept {
  const Literal literal = parse_literal(text);
  if (literal.family == AF_UNSPEC) return std::nullopt;
  ClientAddress address;
  address.is_ipv4_ = literal.family == AF_INET || is_mapped(literal);
  if (is_mapped(literal)) {
    std::copy(literal.bytes.begin() + kMappedPrefix.size(), literal.bytes.end(), address.bytes_.begin());
  } else {
    address.bytes_ = literal.bytes;
  }
  return address;
}

std::optional<AddressRange> AddressRange::parse(std::string_view text) noexcept {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const Literal literal = parse_literal(text.substr(0, slash));
  const auto address = ClientAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned most = literal.family == AF_INET ? kIpv4Bits : kIpv6Bits;
  const std::string_view digits = text.substr(slash);
  const auto bits = digits.empty() ? std::optional<std::uint64_t>(most) : base::parse_decimal(digits.substr(1));
  if (!bits || *bits > most) return std::nullopt;
  AddressRange range;
  range.first_ = *address;
  range.bits_ = static_cast<unsigned>(*bits);
  if (!is_mapped(literal)) return range;
  // "::ffff:0.0.0.0/96" is all of IPv4; a wider one would be more than that, and is no IPv4 range.
  if (range.bits_ < kMappedBits) return std::nullopt;
  range.bits_ -= kMappedBits;
  return range;
}

std::string AddressRange::to_text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(first_.is_ipv4_ ? AF_INET : AF_INET6, first_.bytes_.data(), text.data(), text.size());
  return std::string(text.data()) + "/" + std::to_string(bits_);
}

bool AddressRange::contains(const ClientAddress& address) const noexcept {
  if (address.is_ipv4_ != first_.is_ipv4_) return false;
  const std::size_t whole = bits_ / 8;
  if (!std::equal(first_.bytes_.begin(), first_.bytes_.begin() + static_cast<std::ptrdiff_t>(whole),
                  address.bytes_.begin()))
    return false;
  const unsigned rest = bits_ % 8;
  if (rest == 0) return true;
  const unsigned mask = 0xFFU << (8 - rest) & 0xFFU;
  return ((first_.bytes_[whole] ^ address.bytes_[whole]) & mask) == 0;
}

}  // namespace bearerd::settings
