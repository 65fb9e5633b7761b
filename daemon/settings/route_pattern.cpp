#include "settings/route_pattern.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace bearerd::settings {
namespace {

// A "?" that stands for itself: behind a backslash, or within a class.
bool has_literal_question_mark(std::string_view pattern) {
  bool is_in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\') {
      ++i;
      if (pattern.substr(i).starts_with('?')) return true;
    } else if (c == '[') {
      is_in_class = true;
    } else if (c == ']') {
      is_in_class = false;
    } else if (c == '?' && is_in_class) {
      return true;
    }
  }
  return false;
}

// Normalised paths spell each byte in one way: "%C3", never "%c3".
bool has_lower_case_encoding(std::string_view pattern) {
  const auto is_lower_hex = [](char c) { return c >= 'a' && c <= 'f'; };
  for (std::size_t i = 0; i + 2 < pattern.size(); ++i) {
    if (pattern[i] != '%') continue;
    const char high = pattern[i + 1];
    const char low = pattern[i + 2];
    if (base::is_hex_digit(high) && base::is_hex_digit(low) && (is_lower_hex(high) || is_lower_hex(low))) return true;
  }
  return false;
}

}  // namespace

std::string unmatchable_part(std::string_view pattern) {
  if (has_literal_question_mark(pattern))
    return R"(a literal "?" never stands in what this is matched with: a path without its query)";
  if (std::any_of(pattern.begin(), pattern.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
    return "bytes outside ASCII never stand in a path; write them percent-encoded, as in \"%C3%A4\"";
  if (has_lower_case_encoding(pattern))
    return "paths are matched with their percent-encodings in upper case, as in \"%C3\"; write it so";
  return {};
}

}  // namespace bearerd::settings
