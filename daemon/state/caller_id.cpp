#include "state/caller_id.hpp"

#include <openssl/evp.h>

#include <stdexcept>

#include "base/base64url.hpp"

namespace bearerd::state {

std::optional<CallerId> parse_caller(std::string_view text) noexcept {
  CallerId caller;
  const bool fits = base::decoded_size(text.size()) == caller.bytes.size();
  if (!fits || !base::decode_base64url(text, caller.bytes.data())) return std::nullopt;
  return caller;
}

std::string to_text(const CallerId& caller) { return base::encode_base64url(caller.bytes); }

std::optional<CallerId> caller_of_bytes(std::string_view bytes) noexcept {
  CallerId caller;
  if (bytes.size() != caller.bytes.size()) return std::nullopt;
  std::memcpy(caller.bytes.data(), bytes.data(), bytes.size());
  return caller;
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
