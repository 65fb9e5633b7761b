#include "jose/private_jwk.hpp"

#include <openssl/core_names.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "jose/jwk_members.hpp"
#include "jose/pkey.hpp"
#include "jose/strict_json.hpp"

namespace bearerd::jose {
namespace {

namespace dom = simdjson::dom;
using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::size_t kMaxDepth = 16;

struct NamedNumber {
  std::string_view member;
  const char* parameter;
};
constexpr std::array<NamedNumber, 8> kRsaNumbers{{{"n", OSSL_PKEY_PARAM_RSA_N},
                                                  {"e", OSSL_PKEY_PARAM_RSA_E},
                                                  {"d", OSSL_PKEY_PARAM_RSA_D},
                                                  {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
                                                  {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},
                                                  {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
                                                  {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2},
                                                  {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}}};

using SecretBignum = OpenSslPointer<BIGNUM, BN_clear_free>;

SecretBignum number_from(const base::Secret& bytes) {
  return SecretBignum(BN_bin2bn(bytes.bytes().data(), static_cast<int>(bytes.size()), nullptr));
}

Result<base::Secret> secret_bytes(dom::object jwk, std::string_view name, std::size_t max_text) {
  auto bytes = bytes_of(jwk, name, max_text);
  if (!bytes) return tl::make_unexpected(std::move(bytes.error()));
  return base::Secret(std::move(*bytes));
}

Result<PkeyPointer> rsa_pair(dom::object jwk) {
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  // The builder keeps pointers to the numbers until the key is made.
  std::vector<SecretBignum> numbers;
  numbers.reserve(kRsaNumbers.size());
  for (const auto& [member, parameter] : kRsaNumbers) {
    const auto bytes = secret_bytes(jwk, member, kMaxNumberText);
    if (!bytes) return tl::make_unexpected(bytes.error());
    numbers.push_back(number_from(*bytes));
    if (!numbers.back() || OSSL_PARAM_BLD_push_BN(builder.get(), parameter, numbers.back().get()) != 1)
      return skip("the numbers make no RSA key");
  }
  PkeyPointer pkey = pkey_from("RSA", builder.get(), EVP_PKEY_KEYPAIR);
  if (!pkey) return skip("the numbers make no RSA key");
  return pkey;
}

Result<PkeyPointer> ec_pair(dom::object jwk, std::string_view crv) {
  const auto curve = curve_named(crv);
  if (!curve) return skip("`crv` is not supported");
  const auto x = bytes_of(jwk, "x", kMaxNumberText);
  if (!x) return tl::make_unexpected(x.error());
  const auto y = bytes_of(jwk, "y", kMaxNumberText);
  if (!y) return tl::make_unexpected(y.error());
  const auto d = secret_bytes(jwk, "d", kMaxNumberText);
  if (!d) return tl::make_unexpected(d.error());
  const SecretBignum number = number_from(*d);
  const std::vector<std::uint8_t> point = uncompressed_point(*x, *y);
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder || !number ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve_name(*curve), 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get()) != 1) {
    return skip("the numbers make no EC key");
  }
  PkeyPointer pkey = pkey_from("EC", builder.get(), EVP_PKEY_KEYPAIR);
  if (!pkey) return skip("the numbers make no EC key");
  return pkey;
}

Result<PkeyPointer> ed25519_pair(dom::object jwk, std::string_view crv) {
  if (crv != "Ed25519") return skip("`crv` is not supported");
  const auto d = secret_bytes(jwk, "d", kMaxNumberText);
  if (!d) return tl::make_unexpected(d.error());
  const auto x = bytes_of(jwk, "x", kMaxNumberText);
  if (!x) return tl::make_unexpected(x.error());
  PkeyPointer pkey(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, d->bytes().data(), d->size()));
  std::array<std::uint8_t, 32> own{};
  std::size_t length = own.size();
  if (!pkey || EVP_PKEY_get_raw_public_key(pkey.get(), own.data(), &length) != 1)
    return skip("the bytes make no Ed25519 key");
  if (std::vector<std::uint8_t>(own.begin(), own.end()) != *x) return skip("`d` does not belong to `x`");
  return pkey;
}

Result<PrivateMaterial> material_of(dom::object jwk) {
  const auto type = optional_text(jwk, "kty", kMaxNameBytes);
  if (!type) return tl::make_unexpected(type.error());
  const auto crv = optional_text(jwk, "crv", kMaxNameBytes);
  if (!crv) return tl::make_unexpected(crv.error());
  const auto use = optional_text(jwk, "use", kMaxNameBytes);
  if (!use) return tl::make_unexpected(use.error());
  if (*use && **use != "sig") return skip("`use` is not \"sig\"");
  auto traits = traits_of(jwk);
  if (!traits) return tl::make_unexpected(traits.error());
  PrivateMaterial material;
  material.traits = std::move(*traits);
  const std::string_view kty = type->value_or("");
  if (kty == "oct") {
    auto secret = secret_bytes(jwk, "k", kMaxSecretText);
    if (!secret) return tl::make_unexpected(std::move(secret.error()));
    material.secret = std::move(*secret);
    return material;
  }
  auto pkey = kty == "RSA"   ? rsa_pair(jwk)
              : kty == "EC"  ? ec_pair(jwk, crv->value_or(""))
              : kty == "OKP" ? ed25519_pair(jwk, crv->value_or(""))
                             : Result<PkeyPointer>(skip("`kty` is missing or not supported"));
  if (!pkey) return tl::make_unexpected(std::move(pkey.error()));
  material.pkey = std::move(*pkey);
  return material;
}

bool is_wanted(dom::object jwk, std::string_view key_id) {
  if (key_id.empty()) return has(jwk, "d") || has(jwk, "k");
  std::string_view own;
  return jwk.at_key("kid").get(own) == simdjson::SUCCESS && own == key_id;
}

Result<dom::object> choose(dom::array keys, std::string_view key_id) {
  std::vector<dom::object> found;
  for (const dom::element element : keys) {
    dom::object jwk;
    if (element.get(jwk) == simdjson::SUCCESS && is_wanted(jwk, key_id)) found.push_back(jwk);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return fail(ErrorCode::kNotFound, key_id.empty() ? "the set holds no private key" : "the set has no such `kid`");
  }
  return fail(ErrorCode::kInvalid, key_id.empty() ? "the set holds several private keys: name one by its `kid`"
                                                  : "the set has this `kid` several times");
}

}  // namespace

Result<PrivateMaterial> parse_private_jwk(std::string_view json, std::string_view key_id) {
  if (json.size() > kMaxKeySetBytes) return fail(ErrorCode::kTooLarge, "the key set has more than 1 MiB");
  PaddedBuffer text;
  std::copy(json.begin(), json.end(), text.prepare(json.size()));
  StrictJsonParser parser(kMaxKeySetBytes, kMaxDepth, json.size());
  dom::document document;
  const auto root = parser.parse(text, document);
  if (!root) return fail(ErrorCode::kInvalid, "cannot read the JWK: " + std::string(describe(root.error())));
  dom::object jwk;
  if (root->get(jwk) != simdjson::SUCCESS) return fail(ErrorCode::kInvalid, "cannot read the JWK: it is no object");
  dom::array keys;
  if (jwk.at_key("keys").get(keys) == simdjson::SUCCESS) {
    const auto chosen = choose(keys, key_id);
    if (!chosen) return tl::make_unexpected(chosen.error());
    jwk = *chosen;
  }
  auto material = material_of(jwk);
  if (!material) return fail(ErrorCode::kInvalid, "cannot use the JWK: " + material.error().text);
  return material;
}

}  // namespace bearerd::jose
