#include "jose/key.hpp"

#include <algorithm>

#include "jose/algorithm_table.hpp"
#include "jose/key_builder.hpp"

namespace bearerd::jose {
namespace {

enum class Hint : std::uint8_t { kNone, kKeyId, kThumbprint };

Hint hint_of(const Header& header) noexcept {
  if (header.key_id) return Hint::kKeyId;
  return header.x5t_s256 || header.x5t ? Hint::kThumbprint : Hint::kNone;
}

bool is_named(const Key& key, const Header& header, Hint hint) noexcept {
  if (hint == Hint::kNone) return true;
  // A key without a name is not the one called "".
  if (hint == Hint::kKeyId) return !key.key_id().empty() && key.key_id() == *header.key_id;
  return key.matches_thumbprint(header);
}

void add_fitting(Candidates& found, const Key& key, base::Algorithm algorithm) noexcept {
  if (key.can_verify(algorithm)) {
    if (found.count < Candidates::kMost) found.keys[found.count++] = &key;
  } else {
    found.is_named_key_unfit = true;
  }
}

}  // namespace

bool Key::can_verify(base::Algorithm algorithm) const noexcept {
  if (!material_ || (only_algorithm_ && *only_algorithm_ != algorithm)) return false;
  const AlgorithmRow* row = find_row(algorithm, type_);
  if (row == nullptr) return false;
  // RFC 7518 §3.2: a secret of 32 bytes is no key for HS512.
  return row->scheme != Scheme::kHmac || material_->secret.size() >= row->digest_bytes;
}

bool Key::has_thumbprint(const Header& header) const noexcept {
  return header.x5t_s256 ? !x5t_s256_.empty() : !x5t_.empty();
}

bool Key::matches_thumbprint(const Header& header) const noexcept {
  if (!has_thumbprint(header)) return false;
  if (header.x5t_s256) return *header.x5t_s256 == x5t_s256_;
  return header.x5t && *header.x5t == x5t_;
}

KeySet::KeySet(std::vector<std::shared_ptr<const Key>> keys) : keys_(std::move(keys)) {}

Candidates KeySet::find(const Header& header, base::Algorithm algorithm) const noexcept {
  Hint hint = hint_of(header);
  const auto can_follow = [&](const std::shared_ptr<const Key>& key) {
    return hint == Hint::kKeyId ? !key->key_id().empty() : key->has_thumbprint(header);
  };
  if (hint != Hint::kNone && std::none_of(keys_.begin(), keys_.end(), can_follow)) hint = Hint::kNone;
  Candidates found;
  for (const auto& key : keys_) {
    if (is_named(*key, header, hint)) add_fitting(found, *key, algorithm);
  }
  // Only a refusal needs to be told from an unknown name; without a name no key was meant.
  if (found.count > 0 || hint == Hint::kNone) found.is_named_key_unfit = false;
  return found;
}

std::vector<base::Algorithm> KeySet::algorithms() const {
  std::vector<base::Algorithm> served;
  for (const AlgorithmRow& row : algorithm_table()) {
    const bool is_served =
        std::any_of(keys_.begin(), keys_.end(), [&](const auto& key) { return key->can_verify(row.algorithm); });
    if (is_served) served.push_back(row.algorithm);
  }
  return served;
}

base::Result<KeySet> make_secret_key_set(const base::Secret& secret) {
  auto key = KeyBuilder::secret(secret, {});
  if (!key) return tl::make_unexpected(std::move(key.error()));
  return KeySet({std::move(*key)});
}

}  // namespace bearerd::jose
