// Who asks, as far as it matters for what he may do.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "settings/settings.hpp"

namespace bearerd::access {

// A claim that some rule names. Of a claim that is no string and no list of strings, nothing is kept but that it is
// there.
struct Claim {
  std::string name;
  std::vector<std::string> values;
};

// Answers for rules about claims where the claims themselves are not at hand.
class ClaimOracle {
 public:
  virtual ~ClaimOracle() = default;
  // `rule` is not about roles.
  [[nodiscard]] virtual bool matches(const settings::Rule& rule) const = 0;
};

// Lends what it views.
struct Caller {
  std::string_view provider;  // "api_key" for an API key
  const std::vector<std::string>& roles;
  const std::vector<Claim>& claims;
  // How long ago the token was issued, the allowed clock skew taken off; absent: the credential does not say.
  std::optional<std::chrono::seconds> token_age;
  const ClaimOracle* oracle = nullptr;  // asked in the place of `claims`; null: these are all there are
};

}  // namespace bearerd::access
