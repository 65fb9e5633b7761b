#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>
#include <utility>

#include "base/base64url.hpp"
#include "jose/key_builder.hpp"
#include "jose/pkey.hpp"

namespace bearerd::jose {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::size_t kMaxPemBytes = 1U << 20U;

struct FreeWithOpenSsl {
  void operator()(void* pointer) const noexcept { OPENSSL_free(pointer); }
};
using Text = std::unique_ptr<char, FreeWithOpenSsl>;
using Octets = std::unique_ptr<unsigned char, FreeWithOpenSsl>;

tl::unexpected<base::Error> refuse(std::string why) {
  return fail(ErrorCode::kInvalid, "cannot use the PEM text: " + std::move(why));
}

std::string thumbprint(Bytes der, const EVP_MD* digest) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> hash{};
  unsigned length = 0;
  if (EVP_Digest(der.data(), der.size(), hash.data(), &length, digest, nullptr) != 1) return {};
  return base::encode_base64url({hash.data(), length});
}

KeyResult key_from_certificate(Bytes der) {
  const unsigned char* cursor = der.data();
  const CertificatePointer certificate(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
  if (!certificate || cursor != der.data() + der.size()) return refuse("a certificate is damaged");
  EVP_PKEY* pkey = X509_get0_pubkey(certificate.get());
  if (pkey == nullptr) return refuse("a certificate has a key of an unknown kind");
  KeyTraits traits;
  traits.x5t = thumbprint(der, EVP_sha1());  // RFC 7515 §4.1.7 defines it with SHA-1; a name, not a protection
  traits.x5t_s256 = thumbprint(der, EVP_sha256());
  return public_key_of(pkey, std::move(traits));
}

KeyResult key_from_public_key(Bytes der, bool is_pkcs1) {
  const unsigned char* cursor = der.data();
  const auto length = static_cast<long>(der.size());
  const PkeyPointer pkey(is_pkcs1 ? d2i_PublicKey(EVP_PKEY_RSA, nullptr, &cursor, length)
                                  : d2i_PUBKEY(nullptr, &cursor, length));
  if (!pkey || cursor != der.data() + der.size()) return refuse("a public key is damaged or of an unknown kind");
  return public_key_of(pkey.get(), {});
}

KeyResult key_from_block(std::string_view label, Bytes der) {
  if (label == PEM_STRING_X509) return key_from_certificate(der);
  if (label == PEM_STRING_PUBLIC) return key_from_public_key(der, false);
  if (label == PEM_STRING_RSA_PUBLIC) return key_from_public_key(der, true);
  if (label.find("PRIVATE KEY") != std::string_view::npos)
    return refuse("it holds a private key; a verifier needs the public half");
  return refuse("it holds something that is neither a public key nor a certificate");
}

base::Result<KeySet> read_blocks(BIO* bio) {
  std::vector<std::shared_ptr<const Key>> keys;
  for (;;) {
    char* label = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long length = 0;
    if (PEM_read_bio(bio, &label, &header, &data, &length) != 1) break;
    const Text owned_label(label);
    const Text owned_header(header);
    const Octets owned_data(data);
    if (*header != '\0') return refuse("it holds an encrypted block");
    if (keys.size() == kMaxKeys) return refuse("it holds more than 1000 keys");
    auto key = key_from_block(label, {data, static_cast<std::size_t>(length)});
    if (!key) return tl::make_unexpected(std::move(key.error()));
    keys.push_back(std::move(*key));
  }
  // Running out of text is the one good reason to stop.
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) return refuse("a block is damaged");
  if (keys.empty()) return refuse("it holds no public key and no certificate");
  return KeySet(std::move(keys));
}

}  // namespace

base::Result<KeySet> parse_pem_keys(std::string_view pem) {
  if (pem.size() > kMaxPemBytes) return fail(ErrorCode::kTooLarge, "the PEM text has more than 1 MiB");
  const BioPointer bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!bio) return fail(ErrorCode::kInternal, "cannot read the PEM text: out of memory");
  ERR_clear_error();
  auto keys = read_blocks(bio.get());
  ERR_clear_error();
  return keys;
}

}  // namespace bearerd::jose
