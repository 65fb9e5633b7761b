// Signs tokens for tests with keys made at run time. Shares no code with daemon/jose, so that a fault there can't hide
// here.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/algorithm.hpp"

namespace bearerd::test {

[[nodiscard]] std::string base64url(std::string_view bytes);
// The three parts joined as RFC 7515 §7.1 has it; `signature` is raw.
[[nodiscard]] std::string compact(std::string_view header_json, std::string_view payload_json,
                                  std::string_view signature);

// One key pair, or one secret for HS*, and the algorithm that it signs with. Copies share the key. Any failure inside
// OpenSSL throws.
class TestKey {
 public:
  // RSA keys have `rsa_bits`; a secret has the length of its hash.
  [[nodiscard]] static TestKey generate(base::Algorithm algorithm, std::string key_id, unsigned rsa_bits = 2048);
  [[nodiscard]] static TestKey from_secret(base::Algorithm algorithm, std::string key_id, std::string secret);

  [[nodiscard]] base::Algorithm algorithm() const noexcept { return algorithm_; }
  [[nodiscard]] const std::string& key_id() const noexcept { return key_id_; }
  [[nodiscard]] const std::string& secret() const noexcept { return secret_; }  // HS* only
  [[nodiscard]] EVP_PKEY* native() const noexcept { return key_.get(); }        // not for HS*
  // The same key under another name or for another algorithm of its type, to build confusions.
  [[nodiscard]] TestKey with_key_id(std::string key_id) const;
  [[nodiscard]] TestKey with_algorithm(base::Algorithm algorithm) const;

  // The members of the key type alone, such as `"kty":"RSA","n":"…","e":"AQAB"`; for HS* they hold the secret.
  [[nodiscard]] std::string jwk_material() const;
  // A whole JWK with `kid`, `alg` and `use`; without `kid` when the key id is empty.
  [[nodiscard]] std::string jwk_public_json() const;
  [[nodiscard]] std::string public_pem() const;
  [[nodiscard]] std::string private_pem() const;      // PKCS#8, not encrypted
  [[nodiscard]] std::string certificate_pem() const;  // self-signed, valid for a day from now

  // {"alg":…,"kid":…,"typ":"JWT"}
  [[nodiscard]] std::string default_header() const;
  [[nodiscard]] std::string sign(std::string_view payload_json) const;
  [[nodiscard]] std::string sign(std::string_view header_json, std::string_view payload_json) const;
  // Raw signature over any bytes, in the form that JWS wants (R‖S for ES*).
  [[nodiscard]] std::string signature_of(std::string_view bytes) const;

 private:
  TestKey(base::Algorithm algorithm, std::string key_id) : algorithm_(algorithm), key_id_(std::move(key_id)) {}
  base::Algorithm algorithm_;
  std::string key_id_;
  std::string secret_;
  std::shared_ptr<EVP_PKEY> key_;
};

// {"keys":[…]} of the public halves.
[[nodiscard]] std::string key_set_json(const std::vector<TestKey>& keys);

}  // namespace bearerd::test
