// A private key, or a secret, that signs. Only bearerctl uses it: the daemon verifies, and never holds a private key.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/algorithm.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "jose/key.hpp"

namespace bearerd::jose {

struct PrivateMaterial;  // OpenSSL's side, defined in the sources

// Immutable; any thread. Error texts hold no key material.
class SigningKey {
 public:
  // The first private key of the text (PKCS#8, PKCS#1 or SEC 1), not encrypted; what else stands there is passed over.
  [[nodiscard]] static base::Result<SigningKey> from_pem(const base::Secret& pem);
  // One private JWK, or a set of them: the one called `key_id`, or, when that is empty, the only private one.
  [[nodiscard]] static base::Result<SigningKey> from_jwk(const base::Secret& json, std::string_view key_id);
  // Byte for byte (RFC 7518 §3.2: at least as long as the hash).
  [[nodiscard]] static base::Result<SigningKey> from_secret(const base::Secret& secret);

  // The half that verifies, made with the same checks as every key that the daemon reads.
  [[nodiscard]] const Key& verifier() const noexcept { return *verifier_; }
  // The key's own `alg`, else the first of the closed table that it can serve.
  [[nodiscard]] base::Algorithm default_algorithm() const noexcept;
  // In the form of RFC 7518 §3 (R‖S for ES*). What is returned was verified with `verifier()`. Fails for an algorithm
  // that the key can't serve, and for a private half that belongs to another public one.
  [[nodiscard]] base::Result<std::vector<std::uint8_t>> sign(base::Algorithm algorithm,
                                                             std::string_view signing_input) const;

 private:
  SigningKey(std::shared_ptr<const Key> verifier, std::shared_ptr<const PrivateMaterial> material) noexcept
      : verifier_(std::move(verifier)), material_(std::move(material)) {}
  [[nodiscard]] static base::Result<SigningKey> from_material(PrivateMaterial material);

  std::shared_ptr<const Key> verifier_;
  std::shared_ptr<const PrivateMaterial> material_;
};

}  // namespace bearerd::jose
