#include "jose/ecdsa_der.hpp"

#include <algorithm>

namespace bearerd::jose {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint8_t kSequence = 0x30;
constexpr std::uint8_t kInteger = 0x02;
constexpr std::uint8_t kLengthInOneByte = 0x81;

bool is_in_range(Bytes number, Bytes order) noexcept {
  const bool is_zero = std::all_of(number.begin(), number.end(), [](std::uint8_t byte) { return byte == 0; });
  return !is_zero && std::lexicographical_compare(number.begin(), number.end(), order.begin(), order.end());
}

// DER integers are minimal and signed: no leading zeros, but one where the top bit is set.
Bytes minimal(Bytes number) noexcept {
  const auto first = std::find_if(number.begin(), number.end(), [](std::uint8_t byte) { return byte != 0; });
  return {first, number.end()};
}
std::size_t encoded_size(Bytes number) noexcept { return number.size() + (number.front() >= 0x80 ? 1 : 0); }

void push_integer(EcdsaDer& der, Bytes number) noexcept {
  der.push(kInteger);
  der.push(static_cast<std::uint8_t>(encoded_size(number)));
  if (number.front() >= 0x80) der.push(0);
  for (const std::uint8_t byte : number) der.push(byte);
}

}  // namespace

std::optional<EcdsaDer> ecdsa_der(Bytes raw, Bytes order) noexcept {
  constexpr std::size_t kWidest = 66;  // P-521
  const std::size_t width = order.size();
  if (width == 0 || width > kWidest || raw.size() != 2 * width) return std::nullopt;
  if (!is_in_range(raw.first(width), order) || !is_in_range(raw.last(width), order)) return std::nullopt;
  const Bytes r = minimal(raw.first(width));
  const Bytes s = minimal(raw.last(width));
  const std::size_t content = 4 + encoded_size(r) + encoded_size(s);
  EcdsaDer der;
  der.push(kSequence);
  if (content >= 0x80) der.push(kLengthInOneByte);
  der.push(static_cast<std::uint8_t>(content));
  push_integer(der, r);
  push_integer(der, s);
  return der;
}

}  // namespace bearerd::jose
