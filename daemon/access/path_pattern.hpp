// What patterns of whole paths say part by part, so that they can be looked for instead of tried one by one. `pattern`
// is always one that RE2 takes; where it is hard to tell, the answer is the one that leaves more to the pattern.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bearerd::access {

// What every text that a pattern matches begins with: never longer than that.
struct LiteralPrefix {
  enum class Rest : std::uint8_t {
    kNothing = 1,  // the prefix is all that matches
    kAnything,     // whatever follows
    kPattern,      // ask the pattern
  };
  std::string text;
  Rest rest = Rest::kPattern;
  // Of kPattern: what has to match, whole, what follows the prefix.
  std::string rest_pattern;
};

// kAnything is right for texts without line ends, as normalised paths are.
[[nodiscard]] LiteralPrefix literal_prefix(std::string_view pattern);

// A pattern matches a path when `segment` matches what stands before the path's first "/", and `below` the rest from
// that "/" on.
struct SegmentSplit {
  std::string_view segment;  // matches no "/"
  std::string_view below;    // begins with "/"
};

// Nothing: what is matched may have its first "/" at several places of the pattern, or none.
[[nodiscard]] std::optional<SegmentSplit> split_segment(std::string_view pattern);

}  // namespace bearerd::access
