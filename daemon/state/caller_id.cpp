#include "state/caller_id.hpp"

#include <openssl/evp.h>

#include <stdexcept>

namespace bearerd::state {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kTextSize = 43;
constexpr std::uint8_t kNone = 64;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNone);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr std::array<std::uint8_t, 256> kValues = make_values();

}  // namespace

std::optional<CallerId> parse_caller(std::string_view text) noexcept {
  if (text.size() != kTextSize) return std::nullopt;
  CallerId caller;
  std::size_t next = 0;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::uint8_t value = kValues[static_cast<unsigned char>(c)];
    if (value == kNone) return std::nullopt;
    bits = (bits << 6U) | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    caller.bytes[next++] = static_cast<std::uint8_t>(bits >> count);
  }
  // One caller, one text: the bits behind the last byte are 0 (RFC 4648 §3.5).
  if ((bits & ((1U << count) - 1)) != 0) return std::nullopt;
  return caller;
}

std::string to_text(const CallerId& caller) {
  std::string text;
  text.reserve(kTextSize);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const std::uint8_t byte : caller.bytes) {
    bits = (bits << 8U) | byte;
    count += 8;
    while (count >= 6) text += kAlphabet[(bits >> (count -= 6)) & 0x3FU];
  }
  if (count > 0) text += kAlphabet[(bits << (6 - count)) & 0x3FU];
  return text;
}

std::uint64_t short_digest(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 failed");
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) value = (value << 8U) | digest[i];
  return value;
}

std::uint64_t deployment_id(std::string_view name) {
  const std::uint64_t id = short_digest(name);
  return id == kCostOfCaller ? 1 : id;
}

}  // namespace bearerd::state
