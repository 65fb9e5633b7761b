#include "access/literal_prefix.hpp"

#include <optional>

namespace bearerd::access {
namespace {

constexpr bool is_alphanumeric(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// ASCII only: what repeats a character of several bytes stands behind the last of them.
constexpr bool is_plain(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x80 && std::string_view("\\^$.[]|()?*+{}").find(c) == std::string_view::npos;
}

constexpr bool is_repetition(char c) noexcept { return c == '?' || c == '*' || c == '+' || c == '{'; }

// An alternative outside of all groups makes the beginning one of several, and an assertion may look back at it. What
// this scan does not understand for sure (POSIX classes, \Q…\E) counts as such.
bool is_hard_to_split(std::string_view pattern) noexcept {
  constexpr std::string_view kLookingBack = "bBA";
  if (pattern.find("[:") != std::string_view::npos || pattern.find("\\Q") != std::string_view::npos) return true;
  int depth = 0;
  bool is_in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\') {
      ++i;
      if (i < pattern.size() && kLookingBack.find(pattern[i]) != std::string_view::npos) return true;
    } else if (is_in_class) {
      is_in_class = c != ']';
    } else if (c == '[') {
      is_in_class = true;
      // "]" is a member when it comes first.
      if (i + 1 < pattern.size() && pattern[i + 1] == '^') ++i;
      if (i + 1 < pattern.size() && pattern[i + 1] == ']') ++i;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')') {
      --depth;
    } else if (c == '^' || (c == '|' && depth <= 0)) {
      return true;
    }
  }
  return false;
}

// The character that stands at the start of `rest` for itself, and how many bytes say so.
struct Character {
  char value = 0;
  std::size_t size = 0;
};

std::optional<Character> next_character(std::string_view rest) noexcept {
  if (rest.empty()) return std::nullopt;
  if (is_plain(rest[0])) return Character{rest[0], 1};
  // A backslash before a letter or a digit is a class, an assertion or a code.
  const bool is_escape =
      rest[0] == '\\' && rest.size() > 1 && !is_alphanumeric(rest[1]) && static_cast<unsigned char>(rest[1]) < 0x80;
  return is_escape ? std::optional(Character{rest[1], 2}) : std::nullopt;
}

}  // namespace

LiteralPrefix literal_prefix(std::string_view pattern) {
  LiteralPrefix prefix;
  prefix.rest_pattern = pattern;
  // The whole text is matched anyway.
  while (pattern.starts_with('^')) pattern.remove_prefix(1);
  if (is_hard_to_split(pattern)) return prefix;
  std::string_view last = pattern;  // from the last character of the prefix on
  while (const auto character = next_character(pattern)) {
    const std::string_view after = pattern.substr(character->size);
    if (!after.empty() && is_repetition(after[0])) break;
    prefix.text += character->value;
    last = pattern;
    pattern = after;
  }
  // "/a(?i)?" repeats the "a": flags are nothing that could be repeated.
  if (pattern.starts_with("(?") && !pattern.starts_with("(?:") && !prefix.text.empty()) {
    prefix.text.pop_back();
    pattern = last;
  }
  if (!prefix.text.empty()) prefix.rest_pattern = pattern;
  if (pattern.empty() || pattern == "$") prefix.rest = LiteralPrefix::Rest::kNothing;
  if (pattern == ".*" || pattern == ".*$") prefix.rest = LiteralPrefix::Rest::kAnything;
  return prefix;
}

}  // namespace bearerd::access
