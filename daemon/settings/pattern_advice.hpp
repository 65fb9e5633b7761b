// Issuer patterns that take more issuers than their author meant.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bearerd::settings {

// Looks at the host of a pattern such as "^https:\/\/x\.auth0\.com.*$": a wildcard in it lets an attacker go on with
// ".evil.example/", and a dot that is not escaped stands for any character. What is wrong, and a tighter pattern where
// one can be guessed; absent: nothing found.
[[nodiscard]] std::optional<std::string> advise_on_issuer_pattern(std::string_view pattern);

}  // namespace bearerd::settings
