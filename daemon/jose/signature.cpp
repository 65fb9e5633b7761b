#include "jose/signature.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "jose/algorithm_table.hpp"
#include "jose/ecdsa_der.hpp"
#include "jose/key_builder.hpp"

namespace bearerd::jose {
namespace {

struct DigestValue {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> bytes;
  std::size_t size = 0;
};

// Fetched once: a fetch takes locks that show already on two cores.
struct Primitives {
  std::array<DigestPointer, kDigestCount> digests{DigestPointer(EVP_MD_fetch(nullptr, "SHA2-256", nullptr)),
                                                  DigestPointer(EVP_MD_fetch(nullptr, "SHA2-384", nullptr)),
                                                  DigestPointer(EVP_MD_fetch(nullptr, "SHA2-512", nullptr))};
  MacPointer hmac{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};

  [[nodiscard]] const EVP_MD* digest(Digest which) const noexcept {
    return digests[static_cast<std::size_t>(which)].get();
  }
};

const Primitives& primitives() {
  static const Primitives once;
  return once;
}

// One key with one algorithm, set up. Holds its own reference to the key (or a copy of the secret) inside OpenSSL's
// contexts, so a retired key may die before it; the serial is never reused, so nobody else finds it.
struct Prepared {
  std::uint64_t serial = 0;  // 0: empty, no key has it
  base::Algorithm algorithm{};
  PkeyContext pkey;       // RSA, ECDSA
  DigestContext ed25519;  // a template, copied for each use
  MacContext mac;
};

bool set_up_pss(EVP_PKEY_CTX* context, const EVP_MD* digest, std::size_t salt_bytes) {
  return EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, static_cast<int>(salt_bytes)) == 1;
}

PkeyContext make_pkey_context(const AlgorithmRow& row, EVP_PKEY* pkey) {
  PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr));
  if (!context || EVP_PKEY_verify_init(context.get()) != 1) return nullptr;
  const EVP_MD* digest = primitives().digest(row.digest);
  const bool is_pss = row.scheme == Scheme::kRsaPss;
  const int padding = is_pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
  if (row.scheme != Scheme::kEcdsa && EVP_PKEY_CTX_set_rsa_padding(context.get(), padding) != 1) return nullptr;
  if (EVP_PKEY_CTX_set_signature_md(context.get(), digest) != 1) return nullptr;
  if (is_pss && !set_up_pss(context.get(), digest, row.digest_bytes)) return nullptr;
  return context;
}

DigestContext make_ed25519_context(EVP_PKEY* pkey) {
  DigestContext context(EVP_MD_CTX_new());
  if (!context || EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey) != 1) return nullptr;
  return context;
}

MacContext make_mac_context(const AlgorithmRow& row, const base::Secret& secret) {
  MacContext context(EVP_MAC_CTX_new(primitives().hmac.get()));
  std::array<char, 16> name{};
  std::strncpy(name.data(), EVP_MD_get0_name(primitives().digest(row.digest)), name.size() - 1);
  const std::array<OSSL_PARAM, 2> parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
                                             OSSL_PARAM_construct_end()};
  if (!context || EVP_MAC_init(context.get(), secret.bytes().data(), secret.size(), parameters.data()) != 1)
    return nullptr;
  return context;
}

bool prepare(Prepared& slot, const AlgorithmRow& row, const Key& key) {
  slot = Prepared{};
  const Key::Material& material = key.material();
  switch (row.scheme) {
    case Scheme::kRsaPkcs1:
    case Scheme::kRsaPss:
    case Scheme::kEcdsa:
      slot.pkey = make_pkey_context(row, material.pkey.get());
      break;
    case Scheme::kEd25519:
      slot.ed25519 = make_ed25519_context(material.pkey.get());
      break;
    case Scheme::kHmac:
      slot.mac = make_mac_context(row, material.secret);
      break;
  }
  if (!slot.pkey && !slot.ed25519 && !slot.mac) return false;
  slot.serial = key.serial();
  slot.algorithm = row.algorithm;
  return true;
}

// What one thread keeps. Seven providers with a few keys each fit; beyond that the oldest slot is made anew.
class ThreadContexts {
 public:
  ThreadContexts() {
    for (DigestContext& context : digests_) context.reset(EVP_MD_CTX_new());
    scratch_.reset(EVP_MD_CTX_new());
  }

  [[nodiscard]] Prepared* find(const AlgorithmRow& row, const Key& key) {
    for (Prepared& slot : slots_) {
      if (slot.serial == key.serial() && slot.algorithm == row.algorithm) return &slot;
    }
    Prepared& slot = slots_[next_];
    next_ = (next_ + 1) % slots_.size();
    return prepare(slot, row, key) ? &slot : nullptr;
  }

  [[nodiscard]] bool digest(Digest which, std::string_view text, DigestValue& out) {
    EVP_MD_CTX* context = digests_[static_cast<std::size_t>(which)].get();
    unsigned size = 0;
    const bool is_done = context != nullptr && EVP_DigestInit_ex2(context, primitives().digest(which), nullptr) == 1 &&
                         EVP_DigestUpdate(context, text.data(), text.size()) == 1 &&
                         EVP_DigestFinal_ex(context, out.bytes.data(), &size) == 1;
    out.size = size;
    return is_done;
  }

  [[nodiscard]] EVP_MD_CTX* scratch() noexcept { return scratch_.get(); }

 private:
  static constexpr std::size_t kSlots = 64;
  std::array<Prepared, kSlots> slots_;
  std::size_t next_ = 0;
  std::array<DigestContext, kDigestCount> digests_;
  DigestContext scratch_;
};

const std::uint8_t* octets(std::string_view text) noexcept {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

bool verify_on_digest(ThreadContexts& thread, Prepared& slot, const AlgorithmRow& row, std::string_view input,
                      Bytes signature) {
  DigestValue digest;
  return thread.digest(row.digest, input, digest) &&
         EVP_PKEY_verify(slot.pkey.get(), signature.data(), signature.size(), digest.bytes.data(), digest.size) == 1;
}

bool verify_ed25519(ThreadContexts& thread, const Prepared& slot, std::string_view input, Bytes signature) {
  EVP_MD_CTX* context = thread.scratch();
  return context != nullptr && EVP_MD_CTX_copy_ex(context, slot.ed25519.get()) == 1 &&
         EVP_DigestVerify(context, signature.data(), signature.size(), octets(input), input.size()) == 1;
}

bool verify_mac(Prepared& slot, const AlgorithmRow& row, std::string_view input, Bytes signature) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> mac{};
  std::size_t size = 0;
  const bool is_done = EVP_MAC_init(slot.mac.get(), nullptr, 0, nullptr) == 1 &&
                       EVP_MAC_update(slot.mac.get(), octets(input), input.size()) == 1 &&
                       EVP_MAC_final(slot.mac.get(), mac.data(), &size, mac.size()) == 1;
  // RFC 7515 §5.2 and CVE-2024-25189: a comparison that stops early tells the right bytes one by one.
  return is_done && size == row.digest_bytes && signature.size() == size &&
         CRYPTO_memcmp(mac.data(), signature.data(), size) == 0;
}

bool verify_prepared(ThreadContexts& thread, Prepared& slot, const AlgorithmRow& row, const Key& key,
                     std::string_view input, Bytes signature) {
  const Key::Material& material = key.material();
  // The length is the key's, never the attacker's (CVE-2020-28042).
  if (row.scheme != Scheme::kHmac && signature.size() != material.signature_bytes) return false;
  switch (row.scheme) {
    case Scheme::kRsaPkcs1:
    case Scheme::kRsaPss:
      return verify_on_digest(thread, slot, row, input, signature);
    case Scheme::kEcdsa: {
      const auto der = ecdsa_der(signature, material.order);
      return der && verify_on_digest(thread, slot, row, input, der->bytes());
    }
    case Scheme::kEd25519:
      return verify_ed25519(thread, slot, input, signature);
    case Scheme::kHmac:
      return verify_mac(slot, row, input, signature);
  }
  return false;
}

}  // namespace

bool verify_signature(base::Algorithm algorithm, const Key& key, std::string_view signing_input,
                      std::span<const std::uint8_t> signature) noexcept {
  if (!key.can_verify(algorithm)) return false;
  const AlgorithmRow* row = find_row(algorithm, key.type());
  if (row == nullptr) return false;
  static thread_local ThreadContexts thread;
  // A refused signature leaves complaints in OpenSSL's queue, where the TLS code of the same thread would take them for
  // its own.
  ERR_set_mark();
  Prepared* slot = thread.find(*row, key);
  const bool is_good = slot != nullptr && verify_prepared(thread, *slot, *row, key, signing_input, signature);
  ERR_pop_to_mark();
  return is_good;
}

// Measured with OpenSSL 3.0: RSA grows with the square of the modulus.
unsigned relative_cost(base::Algorithm algorithm, const Key& key) noexcept {
  constexpr std::size_t kUnit = 2048UL * 2048UL;
  switch (algorithm) {
    case base::Algorithm::kEs256:
      return 4;
    case base::Algorithm::kEs384:
      return 50;
    case base::Algorithm::kEs512:
      return 40;
    case base::Algorithm::kEdDsa:
      return 7;
    case base::Algorithm::kHs256:
    case base::Algorithm::kHs384:
    case base::Algorithm::kHs512:
      return 1;
    default:
      return std::max(1U, static_cast<unsigned>((key.bits() * key.bits() + kUnit / 2) / kUnit));
  }
}

}  // namespace bearerd::jose
