#include "http/credential.hpp"

#include "base/text.hpp"
#include "jose/b64token.hpp"

namespace bearerd::http {
namespace {

using base::Reason;
using verify::CredentialKind;

}  // namespace

Credential parse_authorization(std::string_view value) noexcept {
  const std::string_view scheme = value.substr(0, value.find(' '));
  if (!base::equals_ignoring_case(scheme, "bearer")) return {};
  std::string_view token = value.substr(scheme.size());
  while (token.starts_with(' ')) token.remove_prefix(1);
  if (jose::alphabet_of(token) == jose::Alphabet::kForeign) return {Reason::kMalformed, CredentialKind::kBearer, {}};
  return {Reason::kOk, CredentialKind::kBearer, token};
}

Credential find_credential(const RequestHead& head, bool has_api_keys) noexcept {
  const Credential bearer = parse_authorization(head.value(HeaderField::kAuthorization));
  const std::string_view key = has_api_keys ? head.value(HeaderField::kApiKey) : std::string_view{};
  if (key.empty()) return bearer;
  const bool is_bearer_there = bearer.kind != CredentialKind::kNone;
  if (is_bearer_there && bearer.value != key) return {Reason::kBadRequest, CredentialKind::kNone, {}};
  return {Reason::kOk, CredentialKind::kApiKey, key};
}

}  // namespace bearerd::http
