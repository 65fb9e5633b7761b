// May this bearer use this resource? DIAL Core's rule for deployments: `userRoles` absent lets everyone in, empty
// nobody, a list those with a role in common.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/reason.hpp"
#include "settings/settings.hpp"

namespace bearerd::access {

struct Wish {
  std::string_view resource;  // empty: only the token is asked about
  const std::vector<std::string>& roles;
};

// kOk, kUnknownResource or kNoRole. Any thread; allocates nothing.
[[nodiscard]] base::Reason authorize(const settings::Settings& settings, const Wish& wish);

}  // namespace bearerd::access
