#include "jose/token.hpp"

#include <algorithm>
#include <array>

#include "base/base64url.hpp"
#include "base/text.hpp"
#include "jose/b64token.hpp"
#include "jose/strict_json.hpp"
#include "jose/token_type.hpp"

namespace bearerd::jose {
namespace {

namespace dom = simdjson::dom;
using base::Reason;

constexpr std::size_t kJwsSegments = 3;
constexpr std::size_t kJweSegments = 5;

// Names of keys are used for look-ups only; real ones have a few dozen bytes.
constexpr std::size_t kMaxKeyNameBytes = 512;

struct Segments {
  std::array<std::string_view, kJweSegments> parts;
  std::size_t count = 0;  // kJweSegments + 1: more than that
};

// Stops at the sixth segment: a token of dots alone costs no more than that (RFC 7515 §7.1).
Segments split(std::string_view token) noexcept {
  Segments segments;
  std::size_t begin = 0;
  for (;;) {
    const std::size_t dot = token.find('.', begin);
    if (segments.count < kJweSegments) segments.parts[segments.count] = token.substr(begin, dot - begin);
    ++segments.count;
    if (dot == std::string_view::npos || segments.count > kJweSegments) return segments;
    begin = dot + 1;
  }
}

bool has(dom::object object, std::string_view name) noexcept {
  return object.at_key(name).error() == simdjson::SUCCESS;
}

// False when the member is there and is no string of at most `max_bytes`.
bool read_optional(dom::object object, std::string_view name, std::size_t max_bytes,
                   std::optional<std::string_view>& out) noexcept {
  dom::element value;
  if (object.at_key(name).get(value) != simdjson::SUCCESS) return true;
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS || text.size() > max_bytes) return false;
  out = text;
  return true;
}

tl::expected<Header, Reason> read_header(dom::element root, std::size_t max_bytes) noexcept {
  dom::object object;
  if (root.get(object) != simdjson::SUCCESS) return tl::make_unexpected(Reason::kMalformed);
  if (has(object, "enc")) return tl::make_unexpected(Reason::kEncryptedToken);
  // We understand no extension, so any `crit` must refuse the token, an ill-formed one too (RFC 7515 §4.1.11);
  // unencoded payloads are forbidden in a JWT (RFC 7797 §7).
  if (has(object, "crit") || has(object, "b64")) return tl::make_unexpected(Reason::kCriticalHeader);
  Header header;
  if (object.at_key("alg").get(header.algorithm_name) != simdjson::SUCCESS) {
    return tl::make_unexpected(Reason::kMalformed);
  }
  if (base::equals_ignoring_case(header.algorithm_name, "none")) return tl::make_unexpected(Reason::kAlgNotAllowed);
  header.algorithm = base::find_algorithm(header.algorithm_name);
  std::optional<std::string_view> content_type;
  // `jku`, `jwk`, `x5u` and `x5c` are not even read: a token never brings or names its own key (RFC 8725 §3.10).
  const bool is_well_formed = read_optional(object, "kid", kMaxKeyNameBytes, header.key_id) &&
                              read_optional(object, "x5t", kMaxKeyNameBytes, header.x5t) &&
                              read_optional(object, "x5t#S256", kMaxKeyNameBytes, header.x5t_s256) &&
                              read_optional(object, "typ", max_bytes, header.type) &&
                              read_optional(object, "cty", max_bytes, content_type);
  if (!is_well_formed) return tl::make_unexpected(Reason::kMalformed);
  if (header.type) header.type = without_application_prefix(*header.type);
  // A nested token (RFC 7519 §5.2): its inside would need a check of its own, and no provider sends one.
  if (content_type && base::equals_ignoring_case(without_application_prefix(*content_type), "JWT")) {
    return tl::make_unexpected(Reason::kMalformed);
  }
  return header;
}

bool decode_into(PaddedBuffer& buffer, std::string_view text) {
  const std::optional<std::size_t> size = base::decoded_size(text.size());
  return size && base::decode_base64url(text, buffer.prepare(*size));
}

Reason reason_for(JsonFault fault) noexcept {
  return fault == JsonFault::kTooLarge ? Reason::kTooLarge : Reason::kMalformed;
}

}  // namespace

Shape shape_of(std::string_view credential) noexcept {
  const Alphabet alphabet = alphabet_of(credential);
  if (alphabet == Alphabet::kForeign) return Shape::kMalformed;
  const Segments segments = split(credential);
  const bool is_compact = alphabet == Alphabet::kCompact;
  if (is_compact && segments.count == kJwsSegments) return Shape::kCompactJws;
  if (is_compact && segments.count == kJweSegments) return Shape::kCompactJwe;
  // base64url of `{"`: a JOSE header, but no compact form. It must not get a second chance as an opaque token.
  constexpr std::string_view kJsonObject = "eyJ";
  return segments.count > 1 && credential.starts_with(kJsonObject) ? Shape::kMalformed : Shape::kOpaque;
}

bool begins_with_jose_header(std::string_view credential) noexcept {
  constexpr std::size_t kUnit = 4;  // characters for three whole bytes
  std::array<std::uint8_t, 3> bytes{};
  const std::size_t dot = credential.find('.');
  if (dot == std::string_view::npos || dot < kUnit ||
      !base::decode_base64url(credential.substr(0, kUnit), bytes.data()))
    return false;
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = std::ranges::find_if(
      bytes, [&](std::uint8_t byte) { return kBlank.find(static_cast<char>(byte)) == std::string_view::npos; });
  return first == bytes.end() || *first == '{';
}

struct TokenParser::Buffers {
  explicit Buffers(const TokenLimits& limits)
      : header_text(limits.max_header_bytes),
        payload_text(limits.max_token_bytes),
        signature(limits.max_token_bytes),
        json(limits.max_token_bytes, limits.max_depth, limits.max_token_bytes) {}

  PaddedBuffer header_text, payload_text, signature;
  StrictJsonParser json;
  dom::document header_document, payload_document;
  dom::element payload_root;
};

TokenParser::TokenParser(TokenLimits limits) : limits_(limits), buffers_(std::make_unique<Buffers>(limits)) {}
TokenParser::~TokenParser() = default;

tl::expected<UnverifiedToken, Reason> TokenParser::parse(std::string_view token) {
  const auto refuse = [](Reason reason) { return tl::make_unexpected(reason); };
  if (token.size() > limits_.max_token_bytes) return refuse(Reason::kTooLarge);
  const Segments segments = split(token);
  if (segments.count == kJweSegments) return refuse(Reason::kEncryptedToken);
  if (segments.count != kJwsSegments) return refuse(Reason::kMalformed);
  const std::string_view header_part = segments.parts[0], payload_part = segments.parts[1],
                         signature_part = segments.parts[2];
  if (header_part.size() > limits_.max_header_bytes) return refuse(Reason::kTooLarge);
  if (!decode_into(buffers_->header_text, header_part)) return refuse(Reason::kMalformed);
  const auto header_root = buffers_->json.parse(buffers_->header_text, buffers_->header_document);
  if (!header_root) return refuse(reason_for(header_root.error()));
  const auto header = read_header(*header_root, limits_.max_header_bytes);
  if (!header) return refuse(header.error());
  if (!decode_into(buffers_->payload_text, payload_part)) return refuse(Reason::kMalformed);
  const auto payload_root = buffers_->json.parse(buffers_->payload_text, buffers_->payload_document);
  if (!payload_root) return refuse(reason_for(payload_root.error()));
  buffers_->payload_root = *payload_root;
  if (signature_part.empty() || !decode_into(buffers_->signature, signature_part)) return refuse(Reason::kMalformed);
  return UnverifiedToken{*header, Claims(buffers_->payload_root),
                         token.substr(0, header_part.size() + 1 + payload_part.size()),
                         std::span(buffers_->signature.data(), buffers_->signature.size())};
}

}  // namespace bearerd::jose
