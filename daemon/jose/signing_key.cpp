#include "jose/signing_key.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "jose/algorithm_table.hpp"
#include "jose/pkey.hpp"
#include "jose/private_jwk.hpp"
#include "jose/signature.hpp"

namespace bearerd::jose {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using Signature = std::vector<std::uint8_t>;
using EcdsaPointer = OpenSslPointer<ECDSA_SIG, ECDSA_SIG_free>;

constexpr std::size_t kMaxPemBytes = 1U << 20U;

// OpenSSL would ask at the terminal; whoever runs this in a script must not wait for that.
int no_password(char* /*buffer*/, int /*size*/, int /*is_writing*/, void* /*user*/) { return -1; }

const EVP_MD* digest_of(const AlgorithmRow& row) noexcept {
  switch (row.digest) {
    case Digest::kSha256:
      return EVP_sha256();
    case Digest::kSha384:
      return EVP_sha384();
    case Digest::kSha512:
      return EVP_sha512();
    case Digest::kNone:
      break;
  }
  return nullptr;
}

const std::uint8_t* octets(std::string_view text) noexcept {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

tl::unexpected<base::Error> no_signature() {
  ERR_clear_error();
  return fail(ErrorCode::kInternal, "cannot sign: OpenSSL made no signature");
}

// JWS wants R and S at full width (RFC 7518 §3.4); OpenSSL gives DER.
Result<Signature> raw_ecdsa(const Signature& der, std::size_t width) {
  const unsigned char* cursor = der.data();
  const EcdsaPointer parsed(d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(der.size())));
  if (!parsed) return no_signature();
  Signature raw(2 * width);
  const int size = static_cast<int>(width);
  if (BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), raw.data(), size) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), raw.data() + width, size) < 0) {
    return no_signature();
  }
  return raw;
}

Result<Signature> sign_with_key(const AlgorithmRow& row, EVP_PKEY* pkey, std::string_view input) {
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;  // lent by `context`
  if (!context || EVP_DigestSignInit(context.get(), &parameters, digest_of(row), nullptr, pkey) != 1)
    return no_signature();
  // The salt as long as the hash (RFC 7518 §3.5).
  const bool is_pss = row.scheme == Scheme::kRsaPss;
  if (is_pss && (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
                 EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return no_signature();
  }
  std::size_t size = 0;
  if (EVP_DigestSign(context.get(), nullptr, &size, octets(input), input.size()) != 1) return no_signature();
  Signature signature(size);
  if (EVP_DigestSign(context.get(), signature.data(), &size, octets(input), input.size()) != 1) return no_signature();
  signature.resize(size);
  return signature;
}

Result<Signature> sign_with_secret(const AlgorithmRow& row, const base::Secret& secret, std::string_view input) {
  Signature mac(EVP_MAX_MD_SIZE);
  std::size_t size = 0;
  if (EVP_Q_mac(nullptr, "HMAC", nullptr, EVP_MD_get0_name(digest_of(row)), nullptr, secret.bytes().data(),
                secret.size(), octets(input), input.size(), mac.data(), mac.size(), &size) == nullptr) {
    return no_signature();
  }
  mac.resize(size);
  return mac;
}

}  // namespace

Result<SigningKey> SigningKey::from_material(PrivateMaterial material) {
  auto verifier = material.pkey ? public_key_of(material.pkey.get(), material.traits)
                                : KeyBuilder::secret(material.secret, material.traits);
  if (!verifier) return tl::make_unexpected(std::move(verifier.error()));
  return SigningKey(std::move(*verifier), std::make_shared<const PrivateMaterial>(std::move(material)));
}

Result<SigningKey> SigningKey::from_pem(const base::Secret& pem) {
  if (pem.size() > kMaxPemBytes) return fail(ErrorCode::kTooLarge, "the PEM text has more than 1 MiB");
  const BioPointer bio(BIO_new_mem_buf(pem.bytes().data(), static_cast<int>(pem.size())));
  if (!bio) return fail(ErrorCode::kInternal, "cannot read the PEM text: out of memory");
  ERR_clear_error();
  PrivateMaterial material;
  material.pkey.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_password, nullptr));
  ERR_clear_error();
  if (material.pkey) return from_material(std::move(material));
  if (pem.as_text().find("ENCRYPTED") != std::string_view::npos) {
    return fail(ErrorCode::kInvalid, "the private key is encrypted: decrypt it with openssl pkey -in FILE");
  }
  const bool is_private = pem.as_text().find("PRIVATE KEY-----") != std::string_view::npos;
  return fail(ErrorCode::kInvalid, is_private ? "the private key is damaged" : "the PEM text holds no private key");
}

Result<SigningKey> SigningKey::from_jwk(const base::Secret& json, std::string_view key_id) {
  auto material = parse_private_jwk(json.as_text(), key_id);
  ERR_clear_error();
  if (!material) return tl::make_unexpected(std::move(material.error()));
  return from_material(std::move(*material));
}

Result<SigningKey> SigningKey::from_secret(const base::Secret& secret) {
  PrivateMaterial material;
  material.secret = secret;
  return from_material(std::move(material));
}

base::Algorithm SigningKey::default_algorithm() const noexcept {
  for (const AlgorithmRow& row : algorithm_table()) {
    if (verifier_->can_verify(row.algorithm)) return row.algorithm;
  }
  return base::Algorithm::kRs256;  // every key that was built serves one; sign() refuses what it can't
}

Result<Signature> SigningKey::sign(base::Algorithm algorithm, std::string_view signing_input) const {
  const AlgorithmRow* row = find_row(algorithm, verifier_->type());
  if (row == nullptr || !verifier_->can_verify(algorithm)) {
    return fail(ErrorCode::kInvalid, "the key can't sign with " + std::string(base::name(algorithm)));
  }
  auto signature = row->scheme == Scheme::kHmac ? sign_with_secret(*row, material_->secret, signing_input)
                                                : sign_with_key(*row, material_->pkey.get(), signing_input);
  if (signature && row->scheme == Scheme::kEcdsa) {
    signature = raw_ecdsa(*signature, coordinate_bytes(verifier_->type()));
  }
  if (!signature) return signature;
  if (!verify_signature(algorithm, *verifier_, signing_input, *signature)) {
    return fail(ErrorCode::kInvalid, "the private half of the key does not belong to its public half");
  }
  return signature;
}

}  // namespace bearerd::jose
