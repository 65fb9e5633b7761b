// One verification key, and sets of them (RFC 7517, 7518 §6, 8037).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/algorithm.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "jose/token.hpp"

namespace bearerd::jose {

enum class KeyType : std::uint8_t { kRsa = 1, kEcP256, kEcP384, kEcP521, kEd25519, kSecret };

// Immutable and shared between threads. The material (an EVP_PKEY or a secret) is made once, when the key is parsed.
class Key {
 public:
  struct Material;  // OpenSSL's side, defined in the sources

  [[nodiscard]] KeyType type() const noexcept { return type_; }
  [[nodiscard]] const std::string& key_id() const noexcept { return key_id_; }  // empty: none
  [[nodiscard]] const std::string& issuer() const noexcept { return issuer_; }  // Entra's per-key `issuer`; empty: none
  [[nodiscard]] std::size_t bits() const noexcept { return bits_; }
  // Of the certificate that the key came in, base64url (RFC 7517 §4.8, §4.9); empty: none.
  [[nodiscard]] const std::string& x5t() const noexcept { return x5t_; }
  [[nodiscard]] const std::string& x5t_s256() const noexcept { return x5t_s256_; }
  // The JWK's own `alg`.
  [[nodiscard]] std::optional<base::Algorithm> only_algorithm() const noexcept { return only_algorithm_; }
  // Unique in this process, never reused: for per-thread caches of contexts.
  [[nodiscard]] std::uint64_t serial() const noexcept { return serial_; }
  // The closed table of (algorithm, key type, curve), and the JWK's own `alg` where it has one (RFC 7517 §4.4, RFC 8725
  // §3.1).
  [[nodiscard]] bool can_verify(base::Algorithm algorithm) const noexcept;
  [[nodiscard]] bool matches_thumbprint(const Header& header) const noexcept;  // x5t#S256, else x5t
  // Whether the key carries a thumbprint of the kind that the header asks for.
  [[nodiscard]] bool has_thumbprint(const Header& header) const noexcept;
  [[nodiscard]] const Material& material() const noexcept { return *material_; }

 private:
  friend class KeyBuilder;
  KeyType type_ = KeyType::kRsa;
  std::string key_id_, issuer_, x5t_, x5t_s256_;
  std::optional<base::Algorithm> only_algorithm_;
  std::size_t bits_ = 0;
  std::uint64_t serial_ = 0;
  std::shared_ptr<const Material> material_;
};

// The keys that fit a header, few. Non-owning.
struct Candidates {
  static constexpr std::size_t kMost = 4;
  const Key* keys[kMost] = {};
  std::size_t count = 0;
  // The set holds the named key, but it does not fit the algorithm (alg_not_allowed, not unknown_key).
  bool is_named_key_unfit = false;
};

// Immutable; any thread.
class KeySet {
 public:
  KeySet() = default;
  explicit KeySet(std::vector<std::shared_ptr<const Key>> keys);

  // By `kid`; else by x5t#S256 / x5t; else, with neither in the header, all that fit (at most kMost). A set in which no
  // key has a `kid` (a PEM or secret file), or none a thumbprint, can't follow such a hint (RFC 7515 §4.1.4): all that
  // fit, too.
  [[nodiscard]] Candidates find(const Header& header, base::Algorithm algorithm) const noexcept;
  [[nodiscard]] const std::vector<std::shared_ptr<const Key>>& keys() const noexcept { return keys_; }
  [[nodiscard]] bool empty() const noexcept { return keys_.empty(); }
  // Algorithms that at least one key can serve, in the closed table's order.
  [[nodiscard]] std::vector<base::Algorithm> algorithms() const;

 private:
  std::vector<std::shared_ptr<const Key>> keys_;
};

struct SkippedKey {
  std::size_t index = 0;  // in `keys`
  std::string why;        // for the log; holds no key material
};

struct ParsedKeySet {
  KeySet keys;
  std::vector<SkippedKey> skipped;  // RFC 7517 §5: a key that we can't use does not spoil the set
};

enum class KeySetOrigin : std::uint8_t {
  kUrl = 1,  // `oct` keys are skipped
  kFile,     // the operator's own file: `oct` keys are taken
};

inline constexpr std::size_t kMaxKeySetBytes = 1U << 20U;
inline constexpr std::size_t kMaxKeys = 1000;

// Fails when it is no JWK set at all, or a member name occurs twice. A set without one usable key parses, empty. Keys
// with private members (`d`, `p`, …) are skipped from either origin.
[[nodiscard]] base::Result<ParsedKeySet> parse_key_set(std::string_view json, KeySetOrigin origin);

// PEM public keys and certificates, one or several (a certificate's public key; x5t and x5t#S256 are computed from it,
// its validity is not looked at: it is only a wrapping here). A private key, or a block that we can't use, fails the
// whole.
[[nodiscard]] base::Result<KeySet> parse_pem_keys(std::string_view pem);

// A raw secret of at least the hash's length for HS256 (RFC 7518 §3.2: 32 bytes; HS384 48, HS512 64 are then
// unavailable).
[[nodiscard]] base::Result<KeySet> make_secret_key_set(const base::Secret& secret);

}  // namespace bearerd::jose
