#include <algorithm>
#include <array>
#include <utility>

#include "jose/jwk_members.hpp"
#include "jose/key_builder.hpp"
#include "jose/strict_json.hpp"

namespace bearerd::jose {
namespace {

namespace dom = simdjson::dom;
using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::size_t kMaxSetDepth = 16;

// RFC 7517 §4.3: no operation twice; ours is verifying.
bool allows_verifying(dom::element key_ops) {
  dom::array operations;
  if (key_ops.get(operations) != simdjson::SUCCESS) return false;
  std::vector<std::string_view> seen;
  constexpr std::size_t kMaxOperations = 16;  // eight are registered
  for (const dom::element operation : operations) {
    std::string_view name;
    if (operation.get(name) != simdjson::SUCCESS || seen.size() == kMaxOperations) return false;
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) return false;
    seen.push_back(name);
  }
  return std::find(seen.begin(), seen.end(), "verify") != seen.end();
}

Result<void> check_purpose(dom::object jwk) {
  const auto use = optional_text(jwk, "use", kMaxNameBytes);
  if (!use) return tl::make_unexpected(use.error());
  if (*use && **use != "sig") return skip("`use` is not \"sig\"");
  dom::element key_ops;
  if (jwk.at_key("key_ops").get(key_ops) == simdjson::SUCCESS && !allows_verifying(key_ops)) {
    return skip("`key_ops` is no list of distinct operations with \"verify\"");
  }
  return {};
}

// The private half has no business with a verifier, and a set that shows it is not the one that was meant to be
// published.
bool has_private_members(dom::object jwk) noexcept {
  constexpr std::array<std::string_view, 7> kPrivate{"d", "p", "q", "dp", "dq", "qi", "oth"};
  return std::any_of(kPrivate.begin(), kPrivate.end(), [&](std::string_view name) { return has(jwk, name); });
}

KeyResult rsa_key(dom::object jwk, KeyTraits traits) {
  const auto n = bytes_of(jwk, "n", kMaxNumberText);
  if (!n) return tl::make_unexpected(n.error());
  const auto e = bytes_of(jwk, "e", kMaxNumberText);
  if (!e) return tl::make_unexpected(e.error());
  return KeyBuilder::rsa(*n, *e, std::move(traits));
}

KeyResult ec_key(dom::object jwk, std::string_view curve_name, KeyTraits traits) {
  const auto curve = curve_named(curve_name);
  if (!curve) return skip("`crv` is not supported");
  const auto x = bytes_of(jwk, "x", kMaxNumberText);
  if (!x) return tl::make_unexpected(x.error());
  const auto y = bytes_of(jwk, "y", kMaxNumberText);
  if (!y) return tl::make_unexpected(y.error());
  return KeyBuilder::ec(*curve, *x, *y, std::move(traits));
}

KeyResult okp_key(dom::object jwk, std::string_view curve_name, KeyTraits traits) {
  if (curve_name != "Ed25519") return skip("`crv` is not supported");
  if (has(jwk, "y")) return skip("an OKP key has no `y`");
  const auto x = bytes_of(jwk, "x", kMaxNumberText);
  if (!x) return tl::make_unexpected(x.error());
  return KeyBuilder::ed25519(*x, std::move(traits));
}

KeyResult secret_key(dom::object jwk, KeyTraits traits) {
  auto k = bytes_of(jwk, "k", kMaxSecretText);
  if (!k) return tl::make_unexpected(k.error());
  return KeyBuilder::secret(base::Secret(std::move(*k)), std::move(traits));
}

KeyResult key_of_type(dom::object jwk, std::string_view type, KeySetOrigin origin, KeyTraits traits) {
  const auto curve = optional_text(jwk, "crv", kMaxNameBytes);
  if (!curve) return tl::make_unexpected(curve.error());
  if (type == "oct") {
    // Whoever may publish a key set must not be able to make its text a shared secret (RFC 8725 §3.1).
    if (origin != KeySetOrigin::kFile) return skip("an `oct` key is taken from a file of the operator only");
    return secret_key(jwk, std::move(traits));
  }
  if (has(jwk, "k")) return skip("it holds `k`, which belongs to `oct` keys");
  if (type == "RSA") return rsa_key(jwk, std::move(traits));
  if (type == "EC") return ec_key(jwk, curve->value_or(""), std::move(traits));
  if (type == "OKP") return okp_key(jwk, curve->value_or(""), std::move(traits));
  return skip("`kty` is not supported");
}

KeyResult parse_key(dom::element element, KeySetOrigin origin) {
  dom::object jwk;
  if (element.get(jwk) != simdjson::SUCCESS) return skip("it is no object");
  if (has_private_members(jwk)) return skip("it holds private members; a verifier needs only the public half");
  const auto type = optional_text(jwk, "kty", kMaxNameBytes);
  if (!type) return tl::make_unexpected(type.error());
  if (!*type) return skip("`kty` is missing");
  if (const auto purpose = check_purpose(jwk); !purpose) return tl::make_unexpected(purpose.error());
  auto traits = traits_of(jwk);
  if (!traits) return tl::make_unexpected(traits.error());
  return key_of_type(jwk, **type, origin, std::move(*traits));
}

}  // namespace

Result<ParsedKeySet> parse_key_set(std::string_view json, KeySetOrigin origin) {
  if (json.size() > kMaxKeySetBytes) return fail(ErrorCode::kTooLarge, "the key set has more than 1 MiB");
  PaddedBuffer text;
  std::copy(json.begin(), json.end(), text.prepare(json.size()));
  StrictJsonParser parser(kMaxKeySetBytes, kMaxSetDepth, json.size());
  dom::document document;
  const auto root = parser.parse(text, document);
  if (!root) return fail(ErrorCode::kInvalid, "cannot read the key set: " + std::string(describe(root.error())));
  dom::array elements;
  if ((*root)["keys"].get(elements) != simdjson::SUCCESS) {
    return fail(ErrorCode::kInvalid, "cannot read the key set: it has no array `keys`");
  }
  ParsedKeySet parsed;
  std::vector<std::shared_ptr<const Key>> keys;
  std::size_t index = 0;
  for (const dom::element element : elements) {
    if (index == kMaxKeys) return fail(ErrorCode::kTooLarge, "the key set has more than 1000 keys");
    auto key = parse_key(element, origin);
    if (key) {
      keys.push_back(std::move(*key));
    } else {
      parsed.skipped.push_back({index, std::move(key.error().text)});
    }
    ++index;
  }
  parsed.keys = KeySet(std::move(keys));
  return parsed;
}

}  // namespace bearerd::jose
