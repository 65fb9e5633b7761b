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

// At a "{": "{4}", "{2,}" or "{2,4}".
bool is_repetition(std::string_view rest) {
  const std::string_view inside = rest.substr(1, rest.substr(0, rest.find('}')).size() - 1);
  if (rest.find('}') == std::string_view::npos || inside.empty() || !base::is_digit(inside.front())) return false;
  const std::string_view most = inside.substr(std::min(inside.find_first_not_of("0123456789"), inside.size()));
  return most.empty() || (most.front() == ',' && std::all_of(most.begin() + 1, most.end(), base::is_digit));
}

// RE2 takes a "{" that begins no repetition for itself.
bool has_literal_brace(std::string_view pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '{' && !is_repetition(pattern.substr(i))) return true;
    if (pattern[i] != '\\') continue;
    const std::string_view escaped = pattern.substr(std::min(++i, pattern.size()));
    if (escaped.starts_with("p{") || escaped.starts_with("P{") || escaped.starts_with("x{")) ++i;
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
  if (has_literal_brace(pattern))
    return R"(a "{" that begins no repetition, as in "[0-9]{4}", never stands in a path: is a "}" missing?)";
  if (has_lower_case_encoding(pattern))
    return "paths are matched with their percent-encodings in upper case, as in \"%C3\"; write it so";
  return {};
}

}  // namespace bearerd::settings
