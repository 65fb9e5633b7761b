#include "jose/jwk_members.hpp"

#include <array>
#include <utility>

#include "base/base64url.hpp"

namespace bearerd::jose {
namespace {

namespace dom = simdjson::dom;
using base::Result;

Result<std::string> name_text(dom::object jwk, std::string_view name) {
  const auto text = optional_text(jwk, name, kMaxNameBytes);
  if (!text) return tl::make_unexpected(text.error());
  return std::string(text->value_or(std::string_view{}));
}

Result<std::optional<base::Algorithm>> algorithm_of(dom::object jwk) {
  const auto name = optional_text(jwk, "alg", kMaxNameBytes);
  if (!name) return tl::make_unexpected(name.error());
  if (!*name) return std::nullopt;
  const auto algorithm = base::find_algorithm(**name);
  if (!algorithm) return skip("`alg` names no signature algorithm that is supported");
  return algorithm;
}

}  // namespace

tl::unexpected<base::Error> skip(std::string why) { return base::fail(base::ErrorCode::kInvalid, std::move(why)); }

bool has(dom::object jwk, std::string_view name) noexcept { return jwk.at_key(name).error() == simdjson::SUCCESS; }

Result<std::optional<std::string_view>> optional_text(dom::object jwk, std::string_view name, std::size_t max_bytes) {
  dom::element value;
  if (jwk.at_key(name).get(value) != simdjson::SUCCESS) return std::nullopt;
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return skip("`" + std::string(name) + "` is no string");
  if (text.size() > max_bytes) return skip("`" + std::string(name) + "` is too long");
  return text;
}

Result<std::vector<std::uint8_t>> bytes_of(dom::object jwk, std::string_view name, std::size_t max_text) {
  const auto text = optional_text(jwk, name, max_text);
  if (!text) return tl::make_unexpected(text.error());
  if (!*text) return skip("`" + std::string(name) + "` is missing");
  auto bytes = base::decode_base64url(**text);
  if (!bytes) return skip("`" + std::string(name) + "` is not base64url");
  return std::move(*bytes);
}

Result<KeyTraits> traits_of(dom::object jwk) {
  const auto algorithm = algorithm_of(jwk);
  if (!algorithm) return tl::make_unexpected(algorithm.error());
  KeyTraits traits;
  traits.only_algorithm = *algorithm;
  const std::array<std::pair<std::string_view, std::string*>, 4> names{
      {{"kid", &traits.key_id}, {"issuer", &traits.issuer}, {"x5t", &traits.x5t}, {"x5t#S256", &traits.x5t_s256}}};
  for (const auto& [name, target] : names) {
    auto text = name_text(jwk, name);
    if (!text) return tl::make_unexpected(text.error());
    *target = std::move(*text);
  }
  // Entra binds a key to an issuer with it; one that we can't read must not leave the key unbound.
  if (has(jwk, "issuer") && traits.issuer.empty()) return skip("`issuer` is empty");
  return traits;
}

}  // namespace bearerd::jose
