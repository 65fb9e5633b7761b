#include "support/signer/signer.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdexcept>
#include <utility>

namespace bearerd::test {
namespace {

using base::Algorithm;

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* pointer) const noexcept {
    Free(pointer);
  }
};
using Bignum = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;
using MemoryBio = std::unique_ptr<BIO, Deleter<BIO_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;

void require(bool is_good, const char* what) {
  if (!is_good) throw std::runtime_error(std::string("test signer: ") + what);
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

enum class Family { kRsa, kPss, kEc, kEd, kSecret };

struct Row {
  Family family;
  const EVP_MD* digest;
  const char* curve;
  int coordinate_bytes;
};

Row row_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRs256:
      return {Family::kRsa, EVP_sha256(), nullptr, 0};
    case Algorithm::kRs384:
      return {Family::kRsa, EVP_sha384(), nullptr, 0};
    case Algorithm::kRs512:
      return {Family::kRsa, EVP_sha512(), nullptr, 0};
    case Algorithm::kPs256:
      return {Family::kPss, EVP_sha256(), nullptr, 0};
    case Algorithm::kPs384:
      return {Family::kPss, EVP_sha384(), nullptr, 0};
    case Algorithm::kPs512:
      return {Family::kPss, EVP_sha512(), nullptr, 0};
    case Algorithm::kEs256:
      return {Family::kEc, EVP_sha256(), "P-256", 32};
    case Algorithm::kEs384:
      return {Family::kEc, EVP_sha384(), "P-384", 48};
    case Algorithm::kEs512:
      return {Family::kEc, EVP_sha512(), "P-521", 66};
    case Algorithm::kEdDsa:
      return {Family::kEd, nullptr, nullptr, 0};
    case Algorithm::kHs256:
      return {Family::kSecret, EVP_sha256(), nullptr, 0};
    case Algorithm::kHs384:
      return {Family::kSecret, EVP_sha384(), nullptr, 0};
    case Algorithm::kHs512:
      return {Family::kSecret, EVP_sha512(), nullptr, 0};
  }
  throw std::runtime_error("test signer: no such algorithm");
}

std::string number(EVP_PKEY* key, const char* parameter, int width = 0) {
  BIGNUM* raw = nullptr;
  require(EVP_PKEY_get_bn_param(key, parameter, &raw) == 1, "key has no such number");
  const Bignum value(raw);
  std::string bytes(static_cast<std::size_t>(width != 0 ? width : BN_num_bytes(value.get())), '\0');
  require(BN_bn2binpad(value.get(), bytes_of(bytes), static_cast<int>(bytes.size())) >= 0, "number too wide");
  return base64url(bytes);
}

// JWS wants R and S at full width (RFC 7518 §3.4); OpenSSL gives DER.
std::string raw_ecdsa(const std::string& der, int width) {
  const unsigned char* cursor = bytes_of(std::string_view(der));
  const EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(der.size())));
  require(signature != nullptr, "ECDSA signature");
  std::string raw(static_cast<std::size_t>(width) * 2, '\0');
  require(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), bytes_of(raw), width) == width, "R");
  require(BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), bytes_of(raw) + width, width) == width, "S");
  return raw;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(length)};
}

}  // namespace

std::string base64url(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  out.resize(static_cast<std::size_t>(EVP_EncodeBlock(bytes_of(out), bytes_of(bytes), static_cast<int>(bytes.size()))));
  while (!out.empty() && out.back() == '=') out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

std::string compact(std::string_view header_json, std::string_view payload_json, std::string_view signature) {
  return base64url(header_json) + '.' + base64url(payload_json) + '.' + base64url(signature);
}

TestKey TestKey::generate(Algorithm algorithm, std::string key_id, unsigned rsa_bits) {
  const Row row = row_of(algorithm);
  TestKey key(algorithm, std::move(key_id));
  EVP_PKEY* made = nullptr;
  switch (row.family) {
    case Family::kRsa:
    case Family::kPss:
      made = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(rsa_bits));
      break;
    case Family::kEc:
      made = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", row.curve);
      break;
    case Family::kEd:
      made = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
      break;
    case Family::kSecret:
      key.secret_.resize(static_cast<std::size_t>(EVP_MD_get_size(row.digest)));
      require(RAND_bytes(bytes_of(key.secret_), static_cast<int>(key.secret_.size())) == 1, "random bytes");
      return key;
  }
  require(made != nullptr, "key generation");
  key.key_.reset(made, EVP_PKEY_free);
  return key;
}

TestKey TestKey::from_secret(Algorithm algorithm, std::string key_id, std::string secret) {
  TestKey key(algorithm, std::move(key_id));
  key.secret_ = std::move(secret);
  return key;
}

TestKey TestKey::with_key_id(std::string key_id) const {
  TestKey copy = *this;
  copy.key_id_ = std::move(key_id);
  return copy;
}

TestKey TestKey::with_algorithm(Algorithm algorithm) const {
  TestKey copy = *this;
  copy.algorithm_ = algorithm;
  return copy;
}

std::string TestKey::jwk_material() const {
  const Row row = row_of(algorithm_);
  if (row.family == Family::kSecret) return R"("kty":"oct","k":")" + base64url(secret_) + '"';
  if (row.family == Family::kEd) {
    std::string x(32, '\0');
    std::size_t length = x.size();
    require(EVP_PKEY_get_raw_public_key(key_.get(), bytes_of(x), &length) == 1, "public key");
    return R"("kty":"OKP","crv":"Ed25519","x":")" + base64url(x) + '"';
  }
  if (row.family == Family::kEc) {
    return std::string(R"("kty":"EC","crv":")") + row.curve + R"(","x":")" +
           number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, row.coordinate_bytes) + R"(","y":")" +
           number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, row.coordinate_bytes) + '"';
  }
  return R"("kty":"RSA","n":")" + number(key_.get(), OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
         number(key_.get(), OSSL_PKEY_PARAM_RSA_E) + '"';
}

std::string TestKey::jwk_public_json() const {
  const std::string key_id = key_id_.empty() ? "" : R"("kid":")" + key_id_ + "\",";
  return '{' + key_id + R"("use":"sig","alg":")" + std::string(base::name(algorithm_)) + "\"," + jwk_material() + '}';
}

std::string TestKey::public_pem() const {
  const MemoryBio bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PUBKEY(bio.get(), key_.get()) == 1, "PEM");
  return text_of(bio.get());
}

std::string TestKey::private_pem() const {
  const MemoryBio bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1, "PEM");
  return text_of(bio.get());
}

std::string TestKey::certificate_pem() const {
  const Certificate certificate(X509_new());
  constexpr long kDay = 24L * 3600;
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kDay);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, bytes_of(std::string_view("bearerd test")), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key_.get());
  const EVP_MD* digest = row_of(algorithm_).digest;
  require(X509_sign(certificate.get(), key_.get(), digest) > 0, "certificate");
  const MemoryBio bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(bio.get(), certificate.get()) == 1, "PEM");
  return text_of(bio.get());
}

std::string TestKey::default_header() const {
  const std::string key_id = key_id_.empty() ? "" : R"(,"kid":")" + key_id_ + '"';
  return R"({"alg":")" + std::string(base::name(algorithm_)) + '"' + key_id + R"(,"typ":"JWT"})";
}

std::string TestKey::sign(std::string_view payload_json) const { return sign(default_header(), payload_json); }

std::string TestKey::sign(std::string_view header_json, std::string_view payload_json) const {
  const std::string input = base64url(header_json) + '.' + base64url(payload_json);
  return input + '.' + base64url(signature_of(input));
}

std::string TestKey::signature_of(std::string_view bytes) const {
  const Row row = row_of(algorithm_);
  if (row.family == Family::kSecret) {
    std::string mac(EVP_MAX_MD_SIZE, '\0');
    unsigned length = 0;
    require(HMAC(row.digest, secret_.data(), static_cast<int>(secret_.size()), bytes_of(bytes), bytes.size(),
                 bytes_of(mac), &length) != nullptr,
            "HMAC");
    mac.resize(length);
    return mac;
  }
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  require(EVP_DigestSignInit(context.get(), &parameters, row.digest, nullptr, key_.get()) == 1, "signing");
  if (row.family == Family::kPss) {
    require(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1, "PSS");
    require(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1, "PSS salt");
  }
  std::size_t length = 0;
  require(EVP_DigestSign(context.get(), nullptr, &length, bytes_of(bytes), bytes.size()) == 1, "signature size");
  std::string signature(length, '\0');
  require(EVP_DigestSign(context.get(), bytes_of(signature), &length, bytes_of(bytes), bytes.size()) == 1, "signature");
  signature.resize(length);
  return row.family == Family::kEc ? raw_ecdsa(signature, row.coordinate_bytes) : signature;
}

std::string key_set_json(const std::vector<TestKey>& keys) {
  std::string text = R"({"keys":[)";
  for (const TestKey& key : keys) {
    if (text.back() != '[') text += ',';
    text += key.jwk_public_json();
  }
  return text + "]}";
}

}  // namespace bearerd::test
