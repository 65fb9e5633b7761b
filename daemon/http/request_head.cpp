#include "http/request_head.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace bearerd::http {
namespace {

// For the hot path: base::is_http_token, byte by byte.
constexpr std::array<bool, 256> make_token_characters() noexcept {
  std::array<bool, 256> table{};
  for (unsigned byte = 0; byte < table.size(); ++byte) {
    const char c = static_cast<char>(byte);
    table[byte] = base::is_http_token({&c, 1});
  }
  return table;
}

constexpr std::array<bool, 256> kTokenCharacters = make_token_characters();

constexpr bool is_token_character(char c) noexcept { return kTokenCharacters[static_cast<unsigned char>(c)]; }

// llhttp takes a lone LF or a lone CR for a line's end, even for the head's, and joins folded lines; others in the
// chain do not, which is how requests are smuggled (RFC 9112 §2.2, §5.2).
bool has_strict_lines(std::string_view head) noexcept {
  if (!head.ends_with("\r\n\r\n")) return false;
  // find(char) is memchr; find_first_of() asks for each byte alone, and cost more than the rest of our work together.
  for (std::size_t at = head.find('\n'); at != std::string_view::npos; at = head.find('\n', at + 1)) {
    if (at == 0 || head[at - 1] != '\r') return false;
    const std::string_view next = head.substr(at + 1, 1);
    if (next == " " || next == "\t") return false;
  }
  for (std::size_t at = head.find('\r'); at != std::string_view::npos; at = head.find('\r', at + 1)) {
    if (head.substr(at + 1, 1) != "\n") return false;
  }
  return true;
}

bool is_same_word(std::string_view text, std::string_view lower) noexcept {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return base::to_lower(a) == b; });
}

std::string_view trim(std::string_view text) noexcept {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  const std::size_t end = text.find_last_not_of(" \t") + 1;
  return text.substr(begin, end > begin ? end - begin : 0);
}

// Is `word` in a comma-separated list (RFC 9110 §5.6.1)?
bool has_word(std::string_view list, std::string_view word) noexcept {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (is_same_word(trim(list.substr(0, comma)), word)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

bool is_number(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), base::is_digit);
}

// llhttp lets raw bytes above 0x7F and some controls pass.
bool is_visible_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// A method that we do not know is 501; bytes that can't be a method (a TLS hello, say) are 400.
bool begins_with_method(std::string_view text) noexcept {
  std::size_t begin = 0;
  while (begin < text.size() && (text[begin] == '\r' || text[begin] == '\n')) ++begin;
  text.remove_prefix(begin);
  const auto end = std::find_if_not(text.begin(), text.end(), is_token_character);
  return end != text.begin() && (end == text.end() || *end == ' ');
}

Fault fault_of(llhttp_errno_t error, std::string_view unread) noexcept {
  if (error == HPE_INVALID_METHOD && begins_with_method(unread)) return Fault::kUnknownMethod;
  if (error == HPE_INVALID_VERSION) return Fault::kVersion;
  return Fault::kMalformed;
}

}  // namespace

std::string_view RequestHead::method() const noexcept {
  return llhttp_method_name(static_cast<llhttp_method_t>(method_));
}

const llhttp_settings_t* RequestParser::settings() noexcept {
  static const llhttp_settings_t table = [] {
    llhttp_settings_t settings;
    llhttp_settings_init(&settings);
    settings.on_url = [](llhttp_t* p, const char* at, size_t n) {
      return self(p).extend(self(p).head_.target_, at, n);
    };
    settings.on_url_complete = [](llhttp_t* p) {
      self(p).is_target_complete_ = true;
      return 0;
    };
    settings.on_header_field = [](llhttp_t* p, const char* at, size_t n) {
      return self(p).extend(self(p).name_, at, n);
    };
    settings.on_header_value = [](llhttp_t* p, const char* at, size_t n) {
      return self(p).extend(self(p).value_, at, n);
    };
    settings.on_header_value_complete = [](llhttp_t* p) { return self(p).finish_header(); };
    settings.on_headers_complete = [](llhttp_t* p) { return self(p).finish_head(); };
    settings.on_message_complete = [](llhttp_t* p) {
      self(p).is_at_end_ = true;
      return static_cast<int>(HPE_PAUSED);
    };
    return settings;
  }();
  return &table;
}

RequestParser::RequestParser() {
  llhttp_init(&parser_, HTTP_REQUEST, settings());
  parser_.data = this;
}

void RequestParser::restart() noexcept {
  head_ = {};
  name_ = value_ = {};
  parsed_ = 0;
  is_in_head_ = true;
  is_target_complete_ = is_at_end_ = asks_to_close_ = false;
}

int RequestParser::extend(Slice& slice, const char* at, std::size_t length) noexcept {
  if (!is_in_head_) return 0;  // trailers of a chunked body are nothing to us
  if (slice.length == 0) slice.offset = static_cast<std::uint32_t>(at - base_);
  slice.length += static_cast<std::uint32_t>(length);
  return 0;
}

int RequestParser::finish_header() noexcept {
  if (!is_in_head_) return 0;
  const std::string_view name(base_ + name_.offset, name_.length);
  // llhttp lets an empty name pass, and its usual build takes white space for a part of the name (RFC 9112 §5.1).
  if (name.empty() || !std::all_of(name.begin(), name.end(), is_token_character)) return HPE_USER;
  const HeaderMatch match = match_header(name);
  if (match.field != HeaderField::kNone) {
    const HeaderFields field = bit(match.field);
    if (match.is_underscored || (head_.seen_ & field) != 0) head_.ambiguous_ |= field;
    if ((head_.seen_ & field) == 0) head_.values_[static_cast<std::size_t>(match.field)] = value_;
    head_.seen_ |= field;
    const std::string_view value(base_ + value_.offset, value_.length);
    if (match.field == HeaderField::kConnection && has_word(value, "close")) asks_to_close_ = true;
  }
  name_ = value_ = {};
  return 0;
}

int RequestParser::finish_head() noexcept {
  // CONNECT and upgrades are answered like any other request, so what follows is still HTTP: without this llhttp would
  // stop for good, and would take a CONNECT's body for the next request.
  parser_.upgrade = 0;
  head_.method_ = parser_.method;
  head_.minor_version_ = parser_.http_minor;
  // RFC 9112 §9.3: "close" wins over "keep-alive", wherever it stands.
  head_.is_keep_alive_ = llhttp_should_keep_alive(&parser_) != 0 && !asks_to_close_;
  head_.is_chunked_ = (parser_.flags & F_CHUNKED) != 0;
  head_.content_length_ = head_.is_chunked_ ? 0 : parser_.content_length;
  is_in_head_ = false;
  return HPE_PAUSED;
}

RequestParser::Event RequestParser::advance(std::string_view unread) {
  const bool was_in_head = is_in_head_;
  base_ = unread.data();
  const std::string_view fresh = unread.substr(parsed_);
  const llhttp_errno_t error = llhttp_execute(&parser_, fresh.data(), fresh.size());
  if (error == HPE_OK) {
    parsed_ = unread.size();
    return Event::kMore;
  }
  if (error != HPE_PAUSED) return fail(fault_of(error, unread));
  // A pause on the last byte of what was given leaves the position at its end.
  const char* position = llhttp_get_error_pos(&parser_);
  parsed_ = static_cast<std::size_t>(position - unread.data());
  llhttp_resume(&parser_);
  if (was_in_head) return check_head(unread.substr(0, parsed_));
  return is_at_end_ ? Event::kEnd : Event::kMore;
}

RequestParser::Event RequestParser::check_head(std::string_view text) {
  head_.text_ = text.data();
  for (Slice& value : head_.values_) {
    while (value.length > 0 &&
           (text[value.offset + value.length - 1] == ' ' || text[value.offset + value.length - 1] == '\t')) {
      --value.length;
    }
  }
  // llhttp takes HTTP/0.9, 2.0, ICE and RTSP in places; exactly these two are served.
  const std::string_view version = text.substr(head_.target_.offset + head_.target_.length, 11);
  if (version != " HTTP/1.1\r\n" && version != " HTTP/1.0\r\n") {
    return fail(version.starts_with(" HTTP/") ? Fault::kVersion : Fault::kMalformed);
  }
  // One space before the target (RFC 9112 §3): llhttp skips any number.
  const std::size_t target = head_.target_.offset;
  if (target < 2 || text[target - 1] != ' ' || text[target - 2] == ' ') return fail(Fault::kMalformed);
  if (!has_strict_lines(text) || !is_visible_ascii(head_.target())) return fail(Fault::kMalformed);
  // RFC 9112 §3.2: exactly one Host in HTTP/1.1, never two.
  if ((head_.ambiguous_ & bit(HeaderField::kHost)) != 0) return fail(Fault::kMalformed);
  if (!head_.is_http_1_0() && !head_.has(HeaderField::kHost)) return fail(Fault::kMalformed);
  if (!has_clear_framing()) return fail(Fault::kMalformed);
  return Event::kHead;
}

// Where a request ends must be read alike by everybody in the chain: one length or one known coding, each spelled as
// the RFC spells it.
bool RequestParser::has_clear_framing() const noexcept {
  constexpr HeaderFields kFraming = bit(HeaderField::kContentLength) | bit(HeaderField::kTransferEncoding);
  if ((head_.ambiguous_ & kFraming) != 0 || (head_.seen_ & kFraming) == kFraming) return false;
  if (head_.has(HeaderField::kContentLength)) return is_number(head_.value(HeaderField::kContentLength));
  if (!head_.has(HeaderField::kTransferEncoding)) return true;
  // RFC 9112 §6.1: a transfer coding in HTTP/1.0 is framing that somebody before us did not understand.
  return !head_.is_http_1_0() && head_.is_chunked_ &&
         is_same_word(head_.value(HeaderField::kTransferEncoding), "chunked");
}

RequestParser::Event RequestParser::fail(Fault fault) noexcept {
  fault_ = fault;
  return Event::kFault;
}

std::string_view RequestParser::complete_target(std::string_view unread) const noexcept {
  const std::size_t end = std::size_t{head_.target_.offset} + head_.target_.length;
  return is_target_complete_ && end <= unread.size() ? unread.substr(head_.target_.offset, head_.target_.length)
                                                     : std::string_view();
}

}  // namespace bearerd::http
