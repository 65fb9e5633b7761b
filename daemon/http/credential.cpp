#include "http/credential.hpp"

#include <array>

#include "base/text.hpp"

namespace bearerd::http {
namespace {

using base::Reason;
using verify::CredentialKind;

constexpr std::array<bool, 256> make_token_bytes() noexcept {
  std::array<bool, 256> table{};
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) table[c] = table[c + 32] = true;
  for (const char c : std::string_view("-._~+/")) table[static_cast<unsigned char>(c)] = true;
  return table;
}

constexpr std::array<bool, 256> kTokenBytes = make_token_bytes();

// b64token of RFC 6750 §2.1.
bool is_b64token(std::string_view text) noexcept {
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.empty()) return false;
  bool is_fine = true;
  for (const char c : text) is_fine &= kTokenBytes[static_cast<unsigned char>(c)];
  return is_fine;
}

}  // namespace

Credential parse_authorization(std::string_view value) noexcept {
  const std::string_view scheme = value.substr(0, value.find(' '));
  if (!base::equals_ignoring_case(scheme, "bearer")) return {};
  std::string_view token = value.substr(scheme.size());
  while (token.starts_with(' ')) token.remove_prefix(1);
  if (!is_b64token(token)) return {Reason::kMalformed, CredentialKind::kBearer, {}};
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
