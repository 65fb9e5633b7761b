#include "jose/key_builder.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "base/unique_number.hpp"
#include "jose/algorithm_table.hpp"
#include "jose/pkey.hpp"

namespace bearerd::jose {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::size_t kMinRsaBits = 2048;  // RFC 7518 §3.3
constexpr std::size_t kMaxRsaBits = 8192;  // 16 times the work of 2048 bits
// Verifying costs a multiplication per bit of it: a giant exponent would be a way to burn our processor. 65537 has 17
// bits.
constexpr std::size_t kMaxExponentBits = 33;
constexpr std::size_t kEd25519Bytes = 32;

struct Curve {
  KeyType type;
  const char* name;
  std::size_t coordinate_bytes;
  std::size_t bits;
};
constexpr Curve kCurves[] = {
    {KeyType::kEcP256, "P-256", 32, 256}, {KeyType::kEcP384, "P-384", 48, 384}, {KeyType::kEcP521, "P-521", 66, 521}};

const Curve* find_curve(KeyType type) noexcept {
  const auto* found =
      std::find_if(std::begin(kCurves), std::end(kCurves), [&](const Curve& c) { return c.type == type; });
  return found == std::end(kCurves) ? nullptr : found;
}

Bytes without_leading_zeros(Bytes number) noexcept {
  const auto first = std::find_if(number.begin(), number.end(), [](std::uint8_t byte) { return byte != 0; });
  return {first, number.end()};
}

// Of a number without leading zeros.
std::size_t bit_length(Bytes number) noexcept {
  return number.empty() ? 0 : (number.size() - 1) * 8 + static_cast<std::size_t>(std::bit_width(number.front()));
}

bool is_odd(Bytes number) noexcept { return !number.empty() && (number.back() & 1U) != 0; }

BignumPointer number_from(Bytes bytes) {
  return BignumPointer(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

PkeyPointer make_rsa(Bytes modulus, Bytes exponent) {
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  const BignumPointer n = number_from(modulus);
  const BignumPointer e = number_from(exponent);
  if (!builder || !n || !e || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  return pkey_from("RSA", builder.get(), EVP_PKEY_PUBLIC_KEY);
}

bool is_valid_public_key(EVP_PKEY* pkey) {
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr));
  // These curves have cofactor 1, so a point on the curve and not at infinity is in the group: the quick check is the
  // whole one.
  return context && EVP_PKEY_public_check_quick(context.get()) == 1;
}

PkeyPointer make_ec(const Curve& curve, Bytes x, Bytes y) {
  const std::vector<std::uint8_t> point = uncompressed_point(x, y);
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.name, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
    return nullptr;
  }
  PkeyPointer pkey = pkey_from("EC", builder.get(), EVP_PKEY_PUBLIC_KEY);
  return pkey && is_valid_public_key(pkey.get()) ? std::move(pkey) : nullptr;
}

std::vector<std::uint8_t> order_of(EVP_PKEY* pkey, std::size_t width) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_EC_ORDER, &raw) != 1) return {};
  const BignumPointer order(raw);
  std::vector<std::uint8_t> bytes(width);
  if (BN_bn2binpad(order.get(), bytes.data(), static_cast<int>(width)) < 0) return {};
  return bytes;
}

// OpenSSL leaves its complaints in a queue per thread, where the next user of the thread would find them.
tl::unexpected<base::Error> refuse(std::string text) {
  ERR_clear_error();
  return fail(ErrorCode::kInvalid, std::move(text));
}

}  // namespace

std::size_t coordinate_bytes(KeyType curve) noexcept {
  const Curve* found = find_curve(curve);
  return found == nullptr ? 0 : found->coordinate_bytes;
}

const char* curve_name(KeyType curve) noexcept {
  const Curve* found = find_curve(curve);
  return found == nullptr ? "" : found->name;
}

std::optional<KeyType> curve_named(std::string_view name) noexcept {
  for (const Curve& curve : kCurves) {
    if (name == curve.name) return curve.type;
  }
  return std::nullopt;
}

KeyResult KeyBuilder::rsa(Bytes modulus, Bytes exponent, KeyTraits traits) {
  modulus = without_leading_zeros(modulus);
  exponent = without_leading_zeros(exponent);
  const std::size_t bits = bit_length(modulus);
  if (bits < kMinRsaBits) return refuse("the RSA modulus has fewer than 2048 bits");
  if (bits > kMaxRsaBits) return refuse("the RSA modulus has more than 8192 bits");
  if (!is_odd(modulus)) return refuse("the RSA modulus is even");
  if (bit_length(exponent) < 2 || !is_odd(exponent)) return refuse("the RSA public exponent is even or less than 3");
  if (bit_length(exponent) > kMaxExponentBits) return refuse("the RSA public exponent has more than 33 bits");
  Key::Material material;
  material.pkey = make_rsa(modulus, exponent);
  if (!material.pkey) return refuse("the numbers make no RSA key");
  material.signature_bytes = modulus.size();
  return finish(KeyType::kRsa, bits, std::move(material), std::move(traits));
}

KeyResult KeyBuilder::ec(KeyType type, Bytes x, Bytes y, KeyTraits traits) {
  const Curve* curve = find_curve(type);
  if (curve == nullptr) return refuse("the curve is not supported");
  if (x.size() != curve->coordinate_bytes || y.size() != curve->coordinate_bytes) {
    return refuse("a coordinate does not have the curve's length");
  }
  Key::Material material;
  material.pkey = make_ec(*curve, x, y);
  if (!material.pkey) return refuse("the point is not on the curve");
  material.order = order_of(material.pkey.get(), curve->coordinate_bytes);
  if (material.order.empty()) return refuse("the order of the curve is unknown");
  material.signature_bytes = 2 * curve->coordinate_bytes;
  return finish(type, curve->bits, std::move(material), std::move(traits));
}

KeyResult KeyBuilder::ed25519(Bytes x, KeyTraits traits) {
  if (x.size() != kEd25519Bytes) return refuse("an Ed25519 key has 32 bytes");
  Key::Material material;
  material.pkey.reset(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, x.data(), x.size()));
  if (!material.pkey) return refuse("the bytes make no Ed25519 key");
  material.signature_bytes = 2 * kEd25519Bytes;
  return finish(KeyType::kEd25519, kEd25519Bytes * 8, std::move(material), std::move(traits));
}

KeyResult KeyBuilder::secret(base::Secret secret, KeyTraits traits) {
  const AlgorithmRow* row = find_row(traits.only_algorithm.value_or(base::Algorithm::kHs256), KeyType::kSecret);
  if (row != nullptr && secret.size() < row->digest_bytes) {
    return refuse("the secret has fewer than " + std::to_string(row->digest_bytes) + " bytes, the length of its hash");
  }
  const std::size_t bits = secret.size() * 8;
  Key::Material material;
  material.secret = std::move(secret);
  return finish(KeyType::kSecret, bits, std::move(material), std::move(traits));
}

KeyResult KeyBuilder::finish(KeyType type, std::size_t bits, Key::Material material, KeyTraits traits) {
  if (traits.only_algorithm && find_row(*traits.only_algorithm, type) == nullptr) {
    return refuse("its `alg` does not go with the type or curve of the key");
  }
  auto key = std::make_shared<Key>();
  key->type_ = type;
  key->bits_ = bits;
  key->serial_ = base::next_unique();
  key->key_id_ = std::move(traits.key_id);
  key->issuer_ = std::move(traits.issuer);
  key->x5t_ = std::move(traits.x5t);
  key->x5t_s256_ = std::move(traits.x5t_s256);
  key->only_algorithm_ = traits.only_algorithm;
  key->material_ = std::make_shared<const Key::Material>(std::move(material));
  return key;
}

}  // namespace bearerd::jose
