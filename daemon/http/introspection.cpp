#include "http/introspection.hpp"

#include <openssl/evp.h>

#include <algorithm>

#include "base/percent_encoding.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "http/endpoint.hpp"

namespace bearerd::http {
namespace {

constexpr std::size_t kMaxCredentialBytes = 2048;

// application/x-www-form-urlencoded; nothing for a broken escape.
std::optional<std::string> form_decoded(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  auto decoded = base::percent_decoded(spaced);
  base::wipe(spaced);  // it may be a secret
  return decoded;
}

std::optional<std::string> base64_decoded(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > kMaxCredentialBytes) return std::nullopt;
  std::string decoded(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  decoded.resize(static_cast<std::size_t>(size) - padding);
  return decoded;
}

struct Credentials {
  std::string id, secret;
};

std::optional<Credentials> read_basic(std::string_view authorization) {
  const std::string_view scheme = authorization.substr(0, authorization.find(' '));
  if (!base::equals_ignoring_case(scheme, "basic")) return std::nullopt;
  std::string_view encoded = authorization.substr(scheme.size());
  while (encoded.starts_with(' ')) encoded.remove_prefix(1);
  auto pair = base64_decoded(encoded);
  const std::size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  Credentials credentials{pair->substr(0, colon), pair->substr(colon + 1)};
  base::wipe(*pair);
  return credentials;
}

bool is_secret_of(const settings::IntrospectionClient& client, const std::string& sent) {
  const auto decoded = form_decoded(sent);
  const bool is_plain = base::Secret(std::string_view(sent)) == client.secret;
  const bool is_encoded = decoded && base::Secret(std::string_view(*decoded)) == client.secret;
  return is_plain || is_encoded;
}

// Room for a token whose every byte is escaped, and for a hint.
std::size_t max_body_bytes(const settings::Settings& settings) noexcept {
  return 3 * settings.verify.max_token_bytes + 1024;
}

bool is_form(const RequestHead& head) noexcept {
  const std::string_view type = head.value(HeaderField::kContentType);
  const std::string_view media_type = type.substr(0, type.find_first_of("; "));
  return (head.ambiguous() & bit(HeaderField::kContentType)) == 0 &&
         base::equals_ignoring_case(media_type, "application/x-www-form-urlencoded");
}

}  // namespace

bool has_introspection_form(const RequestHead& head, const settings::Settings& settings) {
  return !settings.verify.introspection_clients.empty() && head.method() == "POST" && !head.is_chunked() &&
         head.content_length() > 0 && head.content_length() <= max_body_bytes(settings) && is_form(head) &&
         select_endpoint(head.target()).endpoint == Endpoint::kIntrospect && is_from_known_client(head, settings);
}

bool is_from_known_client(const RequestHead& head, const settings::Settings& settings) {
  return (head.ambiguous() & bit(HeaderField::kAuthorization)) == 0 &&
         is_known_client(head.value(HeaderField::kAuthorization), settings.verify.introspection_clients);
}

bool is_known_client(std::string_view authorization, const std::vector<settings::IntrospectionClient>& clients) {
  auto credentials = read_basic(authorization);
  if (!credentials || clients.empty()) return false;
  const auto id = form_decoded(credentials->id);
  const auto found = std::find_if(clients.begin(), clients.end(), [&](const settings::IntrospectionClient& client) {
    return client.id == credentials->id || client.id == id;
  });
  const bool is_right = is_secret_of(found != clients.end() ? *found : clients.front(), credentials->secret);
  base::wipe(credentials->secret);
  return is_right && found != clients.end();
}

std::optional<std::string> find_token(std::string_view form) {
  std::optional<std::string> token;
  while (!form.empty()) {
    const std::size_t end = std::min(form.find('&'), form.size());
    const std::string_view field = form.substr(0, end);
    form.remove_prefix(std::min(end + 1, form.size()));
    const std::size_t equals = std::min(field.find('='), field.size());
    if (form_decoded(field.substr(0, equals)) != "token") continue;
    auto value = form_decoded(field.substr(std::min(equals + 1, field.size())));
    if (token || !value || value->empty()) return std::nullopt;  // RFC 6749 §3.2: no parameter twice
    token = std::move(value);
  }
  return token;
}

std::string introspection_body(const verify::Decision& decision) {
  if (decision.reason != base::Reason::kOk || decision.identity == nullptr) return R"({"active":false})";
  const verify::Identity& identity = *decision.identity;
  std::string body = R"({"active":true,"token_type":"Bearer","sub":")";
  base::append_json_escaped(body, identity.user_id);
  if (!identity.name.empty()) base::append_json_escaped(body += R"(","username":")", identity.name);
  return body + "\"" + identity.introspection + "}\n";
}

}  // namespace bearerd::http
