#include "jose/pkey.hpp"

#include <openssl/core_names.h>

#include <array>
#include <utility>

namespace bearerd::jose {
namespace {

tl::unexpected<base::Error> refuse(std::string why) {
  return base::fail(base::ErrorCode::kInvalid, "cannot use the key: " + std::move(why));
}

std::optional<KeyType> curve_of(EVP_PKEY* pkey) noexcept {
  std::array<char, 64> name{};
  std::size_t length = 0;
  if (EVP_PKEY_get_group_name(pkey, name.data(), name.size(), &length) != 1) return std::nullopt;
  const std::string_view group(name.data(), length);
  if (group == SN_X9_62_prime256v1) return KeyType::kEcP256;
  if (group == SN_secp384r1) return KeyType::kEcP384;
  if (group == SN_secp521r1) return KeyType::kEcP521;
  return curve_named(group);  // the name that we gave it
}

}  // namespace

PkeyPointer pkey_from(const char* type, OSSL_PARAM_BLD* builder, int selection) {
  const ParameterPointer parameters(OSSL_PARAM_BLD_to_param(builder));
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  if (parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
      EVP_PKEY_fromdata(context.get(), &made, selection, parameters.get()) == 1) {
    return PkeyPointer(made);
  }
  EVP_PKEY_free(made);
  return nullptr;
}

std::vector<std::uint8_t> number_of(EVP_PKEY* pkey, const char* name, std::size_t width) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(pkey, name, &raw) != 1) return {};
  const BignumPointer number(raw);
  std::vector<std::uint8_t> bytes(width != 0 ? width : static_cast<std::size_t>(BN_num_bytes(number.get())));
  if (BN_bn2binpad(number.get(), bytes.data(), static_cast<int>(bytes.size())) < 0) return {};
  return bytes;
}

std::vector<std::uint8_t> uncompressed_point(Bytes x, Bytes y) {
  constexpr std::uint8_t kUncompressed = 4;
  std::vector<std::uint8_t> point{kUncompressed};
  point.insert(point.end(), x.begin(), x.end());
  point.insert(point.end(), y.begin(), y.end());
  return point;
}

KeyResult public_key_of(EVP_PKEY* pkey, KeyTraits traits) {
  if (EVP_PKEY_is_a(pkey, "RSA") == 1) {
    return KeyBuilder::rsa(number_of(pkey, OSSL_PKEY_PARAM_RSA_N), number_of(pkey, OSSL_PKEY_PARAM_RSA_E),
                           std::move(traits));
  }
  if (EVP_PKEY_is_a(pkey, "ED25519") == 1) {
    std::array<std::uint8_t, 32> x{};
    std::size_t length = x.size();
    if (EVP_PKEY_get_raw_public_key(pkey, x.data(), &length) != 1) return refuse("the Ed25519 key has no public half");
    return KeyBuilder::ed25519({x.data(), length}, std::move(traits));
  }
  const auto curve = EVP_PKEY_is_a(pkey, "EC") == 1 ? curve_of(pkey) : std::nullopt;
  if (!curve) return refuse("it is neither RSA, nor on P-256, P-384 or P-521, nor Ed25519");
  const std::size_t width = coordinate_bytes(*curve);
  return KeyBuilder::ec(*curve, number_of(pkey, OSSL_PKEY_PARAM_EC_PUB_X, width),
                        number_of(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, width), std::move(traits));
}

}  // namespace bearerd::jose
