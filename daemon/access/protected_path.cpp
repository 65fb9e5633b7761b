#include "access/protected_path.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ascii.hpp"
#include "base/percent_encoding.hpp"

namespace bearerd::access {
namespace {

using base::ErrorCode;
using base::fail;

// pchar of RFC 3986 §3.3 without '%': what a segment holds as it is.
constexpr bool is_literal(char c) noexcept {
  return base::is_alphanumeric(c) || std::string_view("-._~!$&'()*+,;=:@").find(c) != std::string_view::npos;
}

constexpr std::array<bool, 256> make_literals() noexcept {
  std::array<bool, 256> table{};
  for (unsigned byte = 1; byte < 256; ++byte) table[byte] = is_literal(static_cast<char>(byte));
  return table;
}

constexpr std::array<bool, 256> kLiterals = make_literals();

// Nothing to do for most paths: only literals, single slashes, and no segment that begins with a dot.
bool is_plain(std::string_view path) noexcept {
  char before = 0;
  for (const char c : path) {
    const bool begins_segment = before == '/';
    if (c == '/' ? begins_segment : !kLiterals[static_cast<unsigned char>(c)]) return false;
    if (c == '.' && begins_segment) return false;
    before = c;
  }
  return true;
}

void append_encoded(std::string& out, unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  out += '%';
  out += kDigits[byte >> 4U];
  out += kDigits[byte & 15U];
}

// Each byte has exactly one spelling afterwards: itself when it is a literal, else upper-case percent-encoding.
void append_byte(std::string& out, unsigned char byte) {
  if (kLiterals[byte]) {
    out += static_cast<char>(byte);
  } else {
    append_encoded(out, byte);
  }
}

// The byte that the encoding at the start of `text` stands for, or -1.
int decode(std::string_view text) noexcept {
  if (text.size() < 3) return -1;
  const int high = base::hex_value(text[1]);
  const int low = base::hex_value(text[2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

base::Result<void> append_segment(std::string& out, std::string_view segment) {
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const auto byte = static_cast<unsigned char>(segment[i]);
    if (byte < 0x20 || byte == 0x7F) return fail(ErrorCode::kInvalid, "path holds a control character");
    if (byte == '#') return fail(ErrorCode::kInvalid, "path holds a fragment");
    if (byte == '\\') return fail(ErrorCode::kInvalid, "path holds a backslash");
    if (byte != '%') {
      append_byte(out, byte);
      continue;
    }
    const int decoded = decode(segment.substr(i));
    if (decoded < 0) return fail(ErrorCode::kInvalid, "path holds a broken percent-encoding");
    if (decoded == 0) return fail(ErrorCode::kInvalid, "path holds an encoded NUL");
    // Decoded late by some backends, they climb or separate where we saw nothing (CVE-2021-29492, CVE-2025-66490).
    if (decoded == '.') return fail(ErrorCode::kInvalid, "path holds an encoded dot");
    if (decoded == '\\') return fail(ErrorCode::kInvalid, "path holds an encoded backslash");
    append_byte(out, static_cast<unsigned char>(decoded));
    i += 2;
  }
  return {};
}

// `out` ends with '/' before and after.
base::Result<void> climb(std::string& out) {
  if (out.size() == 1) return fail(ErrorCode::kInvalid, "path climbs above the root");
  out.pop_back();
  out.resize(out.rfind('/') + 1);
  return {};
}

constexpr std::string_view kEncodedSlash = "%2F";

std::string_view cut_parameters(std::string_view segment) noexcept { return segment.substr(0, segment.find(';')); }

// A backend that decodes "a%2F..%2Fb" late, or drops the parameters of "..;v=1" early, climbs out of what was judged.
// `segment` is normalised.
bool hides_dot_segment(std::string_view segment) {
  for (std::size_t begin = 0; begin <= segment.size();) {
    const std::size_t end = std::min(segment.find(kEncodedSlash, begin), segment.size());
    const std::string_view part = cut_parameters(segment.substr(begin, end - begin));
    if (part == "." || part == "..") return true;
    begin = end + kEncodedSlash.size();
  }
  return false;
}

// One segment, with the slash behind it if there is one.
base::Result<void> add_segment(std::string& out, std::string_view segment, bool is_last) {
  if (segment.empty() || segment == ".") return {};
  if (segment == "..") return climb(out);
  const std::size_t begin = out.size();
  if (auto appended = append_segment(out, segment); !appended) return appended;
  if (hides_dot_segment(std::string_view(out).substr(begin)))
    return fail(ErrorCode::kInvalid, "path holds a hidden dot segment");
  if (!is_last) out += '/';
  return {};
}

}  // namespace

base::Result<std::string_view> normalise_path(std::string_view target, std::string& storage) {
  const std::string_view path = target.substr(0, target.find('?'));
  if (path.empty() || path.front() != '/') return fail(ErrorCode::kInvalid, "path does not begin with a slash");
  if (is_plain(path)) return path;
  storage.assign(1, '/');
  std::size_t begin = 1;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (auto added = add_segment(storage, path.substr(begin, end - begin), end == path.size()); !added) {
      return tl::make_unexpected(std::move(added.error()));
    }
    begin = end + 1;
  }
  return std::string_view(storage);
}

std::string_view without_parameters(std::string_view normalised_path, std::string& storage) {
  storage.assign(1, '/');
  for (std::size_t begin = 1; begin <= normalised_path.size();) {
    const std::size_t end = std::min(normalised_path.find('/', begin), normalised_path.size());
    const std::string_view segment = cut_parameters(normalised_path.substr(begin, end - begin));
    storage += segment;
    if (end < normalised_path.size() && !segment.empty()) storage += '/';
    begin = end + 1;
  }
  return storage;
}

bool has_encoded_slash(std::string_view normalised_path) noexcept {
  return normalised_path.find(kEncodedSlash) != std::string_view::npos;
}

}  // namespace bearerd::access
