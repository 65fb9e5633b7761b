#include "settings/api_key_hash.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstring>
#include <stdexcept>

#include "base/percent_encoding.hpp"

namespace bearerd::settings {
namespace {

using Bytes = std::array<std::uint8_t, 32>;

constexpr std::string_view kHashed = "sha256:";

const Bytes& process_key() {
  static const Bytes key = [] {
    Bytes bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) throw std::runtime_error("no random bytes");
    return bytes;
  }();
  return key;
}

Bytes keyed(const Bytes& digest) {
  Bytes mac{};
  unsigned size = 0;
  const Bytes& key = process_key();
  const bool is_made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), digest.data(), digest.size(),
                            mac.data(), &size) != nullptr;
  // Two keys with one constant hash would be one key.
  if (!is_made || size != mac.size()) throw std::runtime_error("HMAC failed");
  return mac;
}

std::optional<Bytes> parse_digest(std::string_view hex) noexcept {
  Bytes digest{};
  if (hex.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = base::hex_value(hex[2 * i]);
    const int low = base::hex_value(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return digest;
}

}  // namespace

ApiKeyHash ApiKeyHash::of_key(std::string_view key) {
  Bytes digest{};
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, key.data(), key.size(), digest.data(), nullptr) != 1)
    throw std::runtime_error("SHA-256 is not available");
  ApiKeyHash hash;
  hash.bytes_ = keyed(digest);
  OPENSSL_cleanse(digest.data(), digest.size());
  return hash;
}

std::optional<ApiKeyHash> ApiKeyHash::of_entry(std::string_view entry) {
  if (!entry.starts_with(kHashed)) return of_key(entry);
  const auto digest = parse_digest(entry.substr(kHashed.size()));
  if (!digest) return std::nullopt;
  ApiKeyHash hash;
  hash.bytes_ = keyed(*digest);
  return hash;
}

std::uint64_t ApiKeyHash::bucket() const noexcept {
  std::uint64_t bits = 0;
  std::memcpy(&bits, bytes_.data(), sizeof bits);
  return bits;
}

bool ApiKeyHash::equals(const ApiKeyHash& other) const noexcept {
  return CRYPTO_memcmp(bytes_.data(), other.bytes_.data(), bytes_.size()) == 0;
}

}  // namespace bearerd::settings
