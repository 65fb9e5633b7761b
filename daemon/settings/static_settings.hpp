// The static settings outside identityProviders.
#pragma once

#include <string>
#include <vector>

#include "settings/static_table.hpp"

namespace bearerd::settings {

// Fills everything of `out` but the providers and the dynamic part; hands back what says where the dynamic files are.
[[nodiscard]] ConfigFiles read_static(const Reader& root, Settings& out);

// A reload keeps what was read at start; the paths of what differs.
[[nodiscard]] std::vector<std::string> keep_running(Settings& settings, const Settings& running);

// What binds the sections to the providers; `candidate` is the insecure section as written.
void check_against_providers(const Reader& root, const Settings& settings, const Insecure& candidate);

}  // namespace bearerd::settings
