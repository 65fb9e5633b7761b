// What every text that a pattern matches whole begins with: the key under which patterns are looked for, so that most
// of them are never tried.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bearerd::access {

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

// `pattern` is one that RE2 takes. Where it is hard to tell, the prefix is shorter than it could be, never longer.
// kAnything is right for texts without line ends, as normalised paths are.
[[nodiscard]] LiteralPrefix literal_prefix(std::string_view pattern);

}  // namespace bearerd::access
