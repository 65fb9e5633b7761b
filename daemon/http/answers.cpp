#include "http/answers.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "http/rate_limit_fields.hpp"

namespace bearerd::http {
namespace {

using base::Reason;

constexpr std::string_view phrase(int status) noexcept {
  switch (status) {
    case 200:
      return "200 OK";
    case 400:
      return "400 Bad Request";
    case 401:
      return "401 Unauthorized";
    case 403:
      return "403 Forbidden";
    case 404:
      return "404 Not Found";
    case 405:
      return "405 Method Not Allowed";
    case 408:
      return "408 Request Timeout";
    case 429:
      return "429 Too Many Requests";
    case 431:
      return "431 Request Header Fields Too Large";
    case 501:
      return "501 Not Implemented";
    case 505:
      return "505 HTTP Version Not Supported";
    default:
      return "503 Service Unavailable";
  }
}

constexpr std::string_view kNoBody = "Content-Length: 0\r\nCache-Control: no-store\r\n";

std::string begin_answer(int status) {
  std::string text = "HTTP/1.1 ";
  text.append(phrase(status)).append("\r\n").append(kNoBody);
  return text;
}

void append_end(std::string& out, const Framing& framing) {
  out.append(framing.date);
  switch (framing.persistence) {
    case Persistence::kClose:
      out.append("Connection: close\r\n\r\n");
      return;
    case Persistence::kKeepAnnounced:
      out.append("Connection: keep-alive\r\n\r\n");
      return;
    case Persistence::kKeep:
      out.append("\r\n");
      return;
  }
}

// nginx makes 500 of everything that it does not know (auth_request).
constexpr int fold_for_nginx(int status) noexcept { return status == 200 || status == 401 ? status : 403; }

// Inside of a quoted-string (RFC 9110 §5.6.4); what can't be there would end the header.
std::string quote(std::string_view text) {
  std::string quoted;
  for (const char c : text) {
    if (c < 0x20 || c > 0x7E) {
      quoted += '?';
      continue;
    }
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted;
}

// Coarse and fixed: the exact reason is for the log, and nothing of the token is ever echoed (RFC 6750 §3.1).
constexpr std::string_view describe(Reason reason, int status) noexcept {
  if (status == 400) return "the request is malformed";
  if (status == 403) return "the caller is not allowed to do this";
  switch (reason) {
    case Reason::kExpired:
    case Reason::kTooOld:
      return "the token has expired";
    case Reason::kNotYetValid:
      return "the token is not valid yet";
    case Reason::kWrongAudience:
      return "the token is not meant for this resource";
    case Reason::kSenderConstrained:
      return "the token is bound to a key";
    default:
      return "the token is not valid";
  }
}

constexpr std::string_view error_code(int status) noexcept {
  switch (status) {
    case 400:
      return "invalid_request";
    case 403:
      return "insufficient_scope";
    default:
      return "invalid_token";
  }
}

constexpr int status_of_fault(Fault fault) noexcept {
  switch (fault) {
    case Fault::kTimedOut:
      return 408;
    case Fault::kHeadTooLarge:
      return 431;
    case Fault::kUnknownMethod:
      return 501;
    case Fault::kVersion:
      return 505;
    case Fault::kMalformed:
      break;
  }
  return 400;
}

void append_status_header(std::string& out, int status) {
  out.append("X-Bearerd-Status: ").append(std::to_string(status)).append("\r\n");
}

void append_reason_header(std::string& out, Reason reason) {
  out.append("X-Bearerd-Reason: ").append(base::name(reason)).append("\r\n");
}

void append_number_header(std::string& out, std::string_view name, std::uint64_t value) {
  std::array<char, 24> digits{};
  const int length = std::snprintf(digits.data(), digits.size(), "%llu", static_cast<unsigned long long>(value));
  out.append(name).append(": ").append(digits.data(), static_cast<std::size_t>(length)).append("\r\n");
}

}  // namespace

Answers::Answers(std::shared_ptr<const settings::Settings> settings)
    : settings_(std::move(settings)),
      realm_(quote(settings_->verify.realm)),
      metadata_url_(quote(metadata_url(settings_->verify.resource))) {
  for (std::size_t endpoint = 0; endpoint < kVerifyEndpointCount; ++endpoint) {
    for (const Reason reason : base::all_reasons()) {
      texts_[endpoint][static_cast<std::size_t>(reason)] = render_refusal(static_cast<Endpoint>(endpoint), reason);
    }
    // Zero and whatever else is no reason of ours.
    texts_[endpoint][0] = texts_[endpoint][static_cast<std::size_t>(Reason::kInternal)];
  }
}

int Answers::status_of(Reason reason) const noexcept {
  if (reason == Reason::kUnknownResource && settings_->verify.hide_unknown) return 403;
  return base::http_status(reason);
}

int Answers::status(Endpoint endpoint, Reason reason) const noexcept {
  const int status = status_of(reason);
  return endpoint == Endpoint::kNginx ? fold_for_nginx(status) : status;
}

bool Answers::exposes_reason(Endpoint endpoint) const noexcept {
  return endpoint == Endpoint::kVerify || endpoint == Endpoint::kNginx || settings_->verify.expose_reasons;
}

std::string Answers::render_challenge(Reason reason, int status) const {
  if (status != 400 && status != 401 && status != 403) return {};
  std::string text = "WWW-Authenticate: Bearer realm=\"" + realm_ + "\"";
  // RFC 6750 §3.1: no error code for a request that carried no credential.
  if (reason != Reason::kNoToken) {
    text.append(", error=\"").append(error_code(status));
    text.append("\", error_description=\"").append(describe(reason, status)).append("\"");
  }
  if (!metadata_url_.empty()) text.append(", resource_metadata=\"").append(metadata_url_).append("\"");
  return text + "\r\n";
}

std::string Answers::render_refusal(Endpoint endpoint, Reason reason) const {
  const int status = status_of(reason);
  const bool is_nginx = endpoint == Endpoint::kNginx;
  std::string text = begin_answer(this->status(endpoint, reason));
  text += render_challenge(reason, status);
  if (is_nginx) append_status_header(text, status);
  // hideUnknown would be pointless if the reason told.
  const bool is_hidden = reason == Reason::kUnknownResource && settings_->verify.hide_unknown;
  if (exposes_reason(endpoint)) append_reason_header(text, is_hidden ? Reason::kNoRole : reason);
  return text;
}

void Answers::append_decision(std::string& out, Endpoint endpoint, const verify::Decision& decision,
                              const Framing& framing) const {
  // An allow without an identity is our own fault, never an allow.
  const bool is_allowed = decision.reason == Reason::kOk && decision.identity != nullptr;
  const bool is_known =
      decision.reason != Reason::kOk && static_cast<std::size_t>(decision.reason) <= base::kReasonCount;
  const Reason reason = is_allowed || is_known ? decision.reason : Reason::kInternal;
  out.append(texts_[static_cast<std::size_t>(endpoint)][static_cast<std::size_t>(reason)]);
  const int status = status_of(reason);
  if (status == 429 || status == 503) {
    append_number_header(out, "Retry-After",
                         static_cast<std::uint64_t>(std::max<std::int64_t>(1, decision.retry_after.count())));
  }
  const bool tells_limits = endpoint == Endpoint::kVerify || endpoint == Endpoint::kForward;
  if (decision.standing && tells_limits) append_rate_limit_fields(out, *decision.standing);
  if (is_allowed) {
    out.append(decision.identity->headers);
    const std::string_view empty = decision.identity->empty_headers;
    const bool strips = settings_->verify.strip_credentials;
    if (endpoint == Endpoint::kEnvoy && (strips || !empty.empty())) {
      out.append("x-envoy-auth-headers-to-remove: ").append(empty);
      if (strips) out.append(empty.empty() ? "authorization,api-key" : ",authorization,api-key");
      out.append("\r\n");
    }
  }
  append_end(out, framing);
}

void append_plain(std::string& out, const PlainAnswer& answer, const Framing& framing) {
  out.append("HTTP/1.1 ").append(phrase(answer.status)).append("\r\n");
  append_number_header(out, "Content-Length", answer.body.size());
  out.append("Cache-Control: no-store\r\n");
  if (!answer.content_type.empty()) out.append("Content-Type: ").append(answer.content_type).append("\r\n");
  if (answer.status == 503) append_number_header(out, "Retry-After", 1);
  out.append(answer.extra_headers);
  append_end(out, framing);
  if (!answer.is_body_omitted) out.append(answer.body);
}

void append_fault(std::string& out, Fault fault, std::string_view target, std::string_view date) {
  const int status = status_of_fault(fault);
  const Endpoint endpoint = select_endpoint(target).endpoint;
  if (endpoint == Endpoint::kNginx) {
    out.append(begin_answer(fold_for_nginx(status)));
    append_status_header(out, status);
  } else {
    out.append(begin_answer(status));
  }
  if (endpoint == Endpoint::kNginx || endpoint == Endpoint::kVerify) append_reason_header(out, reason_of(fault));
  append_end(out, {Persistence::kClose, date});
}

Reason reason_of(Fault fault) noexcept {
  return fault == Fault::kHeadTooLarge ? Reason::kTooLarge : Reason::kBadRequest;
}

std::string_view overload_answer() noexcept {
  static const std::string text = begin_answer(503) + "Retry-After: 1\r\nConnection: close\r\n\r\n";
  return text;
}

std::string_view resource_path(std::string_view resource) noexcept {
  const std::size_t scheme = resource.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::size_t slash = resource.find('/', scheme + 3);
  if (slash == std::string_view::npos) return {};
  const std::string_view path = resource.substr(slash, resource.find_first_of("?#", slash) - slash);
  return path == "/" ? std::string_view{} : path;
}

std::string metadata_url(std::string_view resource) {
  const std::size_t scheme = resource.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::string_view origin = resource.substr(0, resource.find_first_of("/?#", scheme + 3));
  std::string url(origin);
  url.append("/.well-known/oauth-protected-resource").append(resource_path(resource));
  return url;
}

std::string_view DateLine::at(std::chrono::system_clock::time_point now) {
  const std::time_t second = std::chrono::system_clock::to_time_t(now);
  if (second == second_) return text_;
  second_ = second;
  std::tm parts{};
  gmtime_r(&second, &parts);
  std::array<char, 64> line{};
  // Not %a and %b: those follow the locale.
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const int length = std::snprintf(line.data(), line.size(), "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
                                   kDays[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                                   kMonths[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour,
                                   parts.tm_min, parts.tm_sec);
  text_.assign(line.data(), static_cast<std::size_t>(length));
  return text_;
}

}  // namespace bearerd::http
