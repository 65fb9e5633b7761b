// Who asks, as far as it matters for what he may do.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearerd::access {

// A claim that some rule names. Of a claim that is no string and no list of strings, nothing is kept but that it is
// there.
struct Claim {
  std::string name;
  std::vector<std::string> values;
};

// Lends what it views.
struct Caller {
  std::string_view provider;  // "api_key" for an API key
  const std::vector<std::string>& roles;
  const std::vector<Claim>& claims;
  // How long ago the token was issued, the allowed clock skew taken off; absent: the credential does not say.
  std::optional<std::chrono::seconds> token_age;
};

}  // namespace bearerd::access
