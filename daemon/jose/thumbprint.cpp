#include "jose/thumbprint.hpp"

#include <openssl/core_names.h>

#include <array>

#include "base/base64url.hpp"
#include "jose/pkey.hpp"

namespace bearerd::jose {
namespace {

std::string number_text(const Key& key, const char* name, std::size_t width = 0) {
  return base::encode_base64url(number_of(key.material().pkey.get(), name, width));
}

std::string ec_jwk(const Key& key) {
  const std::size_t width = coordinate_bytes(key.type());
  return std::string(R"({"crv":")") + curve_name(key.type()) + R"(","kty":"EC","x":")" +
         number_text(key, OSSL_PKEY_PARAM_EC_PUB_X, width) + R"(","y":")" +
         number_text(key, OSSL_PKEY_PARAM_EC_PUB_Y, width) + "\"}";
}

std::optional<std::string> ed25519_jwk(const Key& key) {
  std::array<std::uint8_t, 32> x{};
  std::size_t length = x.size();
  if (EVP_PKEY_get_raw_public_key(key.material().pkey.get(), x.data(), &length) != 1) return std::nullopt;
  return R"({"crv":"Ed25519","kty":"OKP","x":")" + base::encode_base64url({x.data(), length}) + "\"}";
}

}  // namespace

std::optional<std::string> canonical_jwk(const Key& key) {
  switch (key.type()) {
    case KeyType::kRsa:
      return R"({"e":")" + number_text(key, OSSL_PKEY_PARAM_RSA_E) + R"(","kty":"RSA","n":")" +
             number_text(key, OSSL_PKEY_PARAM_RSA_N) + "\"}";
    case KeyType::kEcP256:
    case KeyType::kEcP384:
    case KeyType::kEcP521:
      return ec_jwk(key);
    case KeyType::kEd25519:
      return ed25519_jwk(key);
    case KeyType::kSecret:
      break;
  }
  return std::nullopt;
}

std::optional<std::string> key_thumbprint(const Key& key) {
  const auto text = canonical_jwk(key);
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> hash{};
  unsigned length = 0;
  if (!text || EVP_Digest(text->data(), text->size(), hash.data(), &length, EVP_sha256(), nullptr) != 1)
    return std::nullopt;
  return base::encode_base64url({hash.data(), length});
}

}  // namespace bearerd::jose
