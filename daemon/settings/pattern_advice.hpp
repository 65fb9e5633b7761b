// Issuer patterns that take more issuers than their author meant.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bearerd::settings {

struct PatternAdvice {
  std::string text;     // what is wrong, and the tighter pattern where there is one
  std::string tighter;  // empty: none can be guessed
};

// Looks at the host of a pattern such as "^https:\/\/x\.auth0\.com.*$": a wildcard in it lets an attacker go on with
// ".evil.example/", and a dot that is not escaped stands for any character. Absent: nothing found.
[[nodiscard]] std::optional<PatternAdvice> advise_on_issuer_pattern(std::string_view pattern);

}  // namespace bearerd::settings
