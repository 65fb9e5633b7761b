#include "ctl/json_text.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace bearerd::ctl {
namespace {

unsigned byte_at(std::string_view text, std::size_t at) noexcept {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
}

// DEL, the C1 controls, and what turns the direction of writing (U+202A–U+202E, U+2066–U+2069); 0: none of them.
unsigned steering_code_point(std::string_view text) noexcept {
  const unsigned first = byte_at(text, 0), second = byte_at(text, 1), third = byte_at(text, 2);
  if (first == 0x7FU) return first;
  if (first == 0xC2U && second < 0xA0U) return second;
  if (first != 0xE2U) return 0;
  const unsigned code = 0x2000U | (second & 0x3FU) << 6U | (third & 0x3FU);
  const bool turns = (code >= 0x202AU && code <= 0x202EU) || (code >= 0x2066U && code <= 0x2069U);
  return turns ? code : 0;
}

std::string escape_of(unsigned code) {
  char text[8] = {};
  std::snprintf(text, sizeof text, "\\u%04x", code & 0xFFFFU);
  return text;
}

class Indenter {
 public:
  explicit Indenter(std::string_view json) : json_(json) {}

  std::string run() {
    while (at_ < json_.size()) take(json_[at_]);
    return std::move(out_);
  }

 private:
  void take(char c) {
    switch (c) {
      case '"':
        return take_string();
      case '{':
      case '[':
        return open(c);
      case '}':
      case ']':
        return close(c);
      case ',':
        out_ += c;
        new_line();
        break;
      case ':':
        out_ += ": ";
        break;
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        break;
      default:
        out_ += c;
    }
    ++at_;
  }

  void take_string() {
    const std::size_t begin = at_++;
    while (at_ < json_.size() && json_[at_] != '"') at_ += json_[at_] == '\\' ? 2U : 1U;
    at_ = std::min(at_ + 1, json_.size());
    out_ += json_.substr(begin, at_ - begin);
  }

  void open(char c) {
    out_ += c;
    at_ = json_.find_first_not_of(" \t\r\n", at_ + 1);
    if (at_ == std::string_view::npos) at_ = json_.size();
    const bool is_empty = at_ < json_.size() && (json_[at_] == '}' || json_[at_] == ']');
    if (is_empty) {
      out_ += json_[at_++];
    } else {
      ++level_;
      new_line();
    }
  }

  void close(char c) {
    --level_;
    new_line();
    out_ += c;
    ++at_;
  }

  void new_line() {
    out_ += '\n';
    out_.append(level_ * 2, ' ');
  }

  std::string_view json_;
  std::string out_;
  std::size_t at_ = 0, level_ = 0;
};

}  // namespace

std::string harmless(std::string_view json) {
  std::string out;
  for (std::size_t at = 0; at < json.size();) {
    const unsigned code = steering_code_point(json.substr(at));
    if (code == 0) {
      out += json[at++];
    } else {
      out += escape_of(code);
      at += code < 0x80U ? 1U : code < 0x800U ? 2U : 3U;
    }
  }
  return out;
}

std::string indented(std::string_view json) {
  const std::string text = harmless(json);
  return Indenter(text).run();
}

}  // namespace bearerd::ctl
