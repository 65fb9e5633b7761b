#include "access/path_pattern.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace bearerd::access {
namespace {

using base::is_alphanumeric;

// ASCII only: what repeats a character of several bytes stands behind the last of them.
constexpr bool is_plain(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x80 && std::string_view("\\^$.[]|()?*+{}").find(c) == std::string_view::npos;
}

constexpr bool is_repetition(char c) noexcept { return c == '?' || c == '*' || c == '+' || c == '{'; }

// Where the class that begins at `begin` has its "]".
std::size_t end_of_class(std::string_view pattern, std::size_t begin) noexcept {
  std::size_t i = begin + 1;
  if (i < pattern.size() && pattern[i] == '^') ++i;
  // "]" is a member when it comes first.
  if (i < pattern.size() && pattern[i] == ']') ++i;
  while (i < pattern.size() && pattern[i] != ']') i += pattern[i] == '\\' ? 2U : 1U;
  return std::min(i, pattern.size());
}

// An alternative outside of all groups makes the beginning one of several, and an assertion may look back at it. What
// this scan does not understand for sure (POSIX classes, \Q…\E) counts as such.
bool is_hard_to_split(std::string_view pattern) noexcept {
  constexpr std::string_view kLookingBack = "bBA";
  if (pattern.find("[:") != std::string_view::npos || pattern.find("\\Q") != std::string_view::npos) return true;
  int depth = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\') {
      ++i;
      if (i < pattern.size() && kLookingBack.find(pattern[i]) != std::string_view::npos) return true;
    } else if (c == '[') {
      i = end_of_class(pattern, i);
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

// Of what follows a backslash: a character that stands for itself, or a class without "/".
constexpr bool is_harmless_escape(char c) noexcept {
  return c == 'd' || c == 'w' || c == 's' || (!is_alphanumeric(c) && static_cast<unsigned char>(c) < 0x80);
}

// `members`: of a class, without its brackets.
bool may_take_slash(std::string_view members) noexcept {
  const bool names_slash = members.find('/') != std::string_view::npos;
  if (members.starts_with('^')) return !names_slash;
  if (names_slash) return true;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const bool is_last = i + 1 == members.size();
    if (members[i] == '\\') {
      if (is_last || !is_harmless_escape(members[++i])) return true;
    } else if (members[i] == '-' && i > 0 && !is_last) {
      // Between letters or digits there is no "/".
      if (!is_alphanumeric(members[i - 1]) || !is_alphanumeric(members[i + 1])) return true;
    }
  }
  return false;
}

// How many bytes begin the group that begins at the start of `rest`; 0: it sets flags, or is no group that we know.
std::size_t group_begin(std::string_view rest) noexcept {
  if (!rest.starts_with("(?")) return 1;
  if (rest.starts_with("(?:")) return 3;
  const std::size_t end = rest.starts_with("(?P<") ? rest.find('>') : std::string_view::npos;
  return end == std::string_view::npos ? 0 : end + 1;
}

// How many bytes of the start of `rest` can't match "/", whatever follows; 0: they may.
std::size_t slashless_bytes(std::string_view rest) noexcept {
  const char c = rest[0];
  if (c == '\\') return rest.size() > 1 && is_harmless_escape(rest[1]) ? 2 : 0;
  if (c == '(') return group_begin(rest);
  if (c == '.' || c == '$') return 0;
  if (c != '[') return 1;
  const std::size_t end = end_of_class(rest, 0);
  return may_take_slash(rest.substr(1, end - 1)) ? 0 : end + 1;
}

bool is_changed_by(std::string_view after) noexcept {
  return !after.empty() && (is_repetition(after[0]) || (after[0] == '(' && group_begin(after) == 0));
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

std::optional<SegmentSplit> split_segment(std::string_view pattern) {
  if (is_hard_to_split(pattern)) return std::nullopt;
  int depth = 0;
  for (std::size_t i = 0; i < pattern.size();) {
    const std::string_view rest = pattern.substr(i);
    if (rest[0] == '/' || rest.starts_with("\\/")) {
      if (depth > 0 || is_changed_by(rest.substr(rest.find('/') + 1))) return std::nullopt;
      return SegmentSplit{pattern.substr(0, i), rest};
    }
    const std::size_t bytes = slashless_bytes(rest);
    if (bytes == 0) return std::nullopt;
    depth += rest[0] == '(' ? 1 : 0;
    depth -= rest[0] == ')' ? 1 : 0;
    i += bytes;
  }
  return std::nullopt;
}

}  // namespace bearerd::access
