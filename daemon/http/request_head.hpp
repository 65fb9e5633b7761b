// One request at a time out of a stream of bytes: llhttp does the grammar, we keep what bearerd reads and refuse what
// llhttp lets through (RFC 9112). Used by one thread.
#pragma once

#include <llhttp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/header_field.hpp"

namespace bearerd::http {

// A refusal below the level of endpoints; the connection can't go on after it.
enum class Fault : std::uint8_t {
  kMalformed = 1,  // 400
  kTimedOut,       // 408
  kHeadTooLarge,   // 431
  kUnknownMethod,  // 501
  kVersion,        // 505
};

// What is kept of a request's head. The views are into the bytes given to RequestParser::advance() and live as long as
// those.
class RequestHead {
 public:
  [[nodiscard]] std::string_view target() const noexcept { return view(target_); }
  // Without outer white space; empty when absent. Of duplicates, the first.
  [[nodiscard]] std::string_view value(HeaderField field) const noexcept {
    return view(values_[static_cast<std::size_t>(field)]);
  }
  [[nodiscard]] bool has(HeaderField field) const noexcept { return (seen_ & bit(field)) != 0; }
  // Fields that came more than once or with '_' for '-'.
  [[nodiscard]] HeaderFields ambiguous() const noexcept { return ambiguous_; }

  [[nodiscard]] bool is_head_method() const noexcept { return method_ == HTTP_HEAD; }
  [[nodiscard]] bool is_get_method() const noexcept { return method_ == HTTP_GET; }
  [[nodiscard]] std::string_view method() const noexcept;
  [[nodiscard]] bool is_http_1_0() const noexcept { return minor_version_ == 0; }
  // What the client asked for (RFC 9112 §9.3).
  [[nodiscard]] bool is_keep_alive() const noexcept { return is_keep_alive_; }
  [[nodiscard]] bool is_chunked() const noexcept { return is_chunked_; }
  [[nodiscard]] std::uint64_t content_length() const noexcept { return content_length_; }
  [[nodiscard]] bool has_body() const noexcept { return is_chunked_ || content_length_ > 0; }

 private:
  friend class RequestParser;
  // Relative to the head's first byte, so that the buffer may move while the head is incomplete.
  struct Slice {
    std::uint32_t offset = 0, length = 0;
  };
  [[nodiscard]] std::string_view view(Slice slice) const noexcept { return {text_ + slice.offset, slice.length}; }

  const char* text_ = "";
  Slice target_;
  std::array<Slice, kHeaderFieldCount> values_{};
  HeaderFields seen_ = 0, ambiguous_ = 0;
  std::uint8_t method_ = 0, minor_version_ = 0;
  bool is_keep_alive_ = false, is_chunked_ = false;
  std::uint64_t content_length_ = 0;
};

class RequestParser {
 public:
  enum class Event : std::uint8_t {
    kMore = 1,  // all bytes were taken; more are needed
    kHead,      // head() is complete; the next advance() goes on with the body
    kEnd,       // the request is over; restart() before the next
    kFault,     // see fault()
  };

  RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // `unread` begins with the head's first byte until kHead was reported and the head was dropped, then with body bytes;
  // its first parsed() bytes are those of the call before. llhttp's reading of a chunked body is lax: nothing behind
  // one is to be believed.
  [[nodiscard]] Event advance(std::string_view unread);
  [[nodiscard]] std::size_t parsed() const noexcept { return parsed_; }
  // The caller has thrown away the first parsed() bytes.
  void drop_parsed() noexcept { parsed_ = 0; }
  // Ready for the next request of the same connection.
  void restart() noexcept;

  [[nodiscard]] const RequestHead& head() const noexcept { return head_; }
  [[nodiscard]] Fault fault() const noexcept { return fault_; }
  // True until kHead.
  [[nodiscard]] bool is_in_head() const noexcept { return is_in_head_; }
  // The request target as far as it is known, for the answer to a faulty head; empty while it may still grow, and where
  // `unread` no longer has it.
  [[nodiscard]] std::string_view complete_target(std::string_view unread) const noexcept;

 private:
  using Slice = RequestHead::Slice;
  static const llhttp_settings_t* settings() noexcept;
  static RequestParser& self(llhttp_t* parser) noexcept { return *static_cast<RequestParser*>(parser->data); }
  int extend(Slice& slice, const char* at, std::size_t length) noexcept;
  int finish_header() noexcept;
  int finish_head() noexcept;
  Event check_head(std::string_view head_text);
  [[nodiscard]] bool has_clear_framing() const noexcept;
  Event fail(Fault fault) noexcept;

  llhttp_t parser_{};
  RequestHead head_;
  const char* base_ = nullptr;  // of the running advance()
  std::size_t parsed_ = 0;
  Slice name_, value_;
  bool is_in_head_ = true, is_target_complete_ = false, is_at_end_ = false, asks_to_close_ = false;
  Fault fault_ = Fault::kMalformed;
};

}  // namespace bearerd::http
