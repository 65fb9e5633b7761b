// Deployments, roles, keys and routes out of the merged dynamic files.
#pragma once

#include <string>
#include <vector>

#include "settings/reader.hpp"
#include "settings/settings.hpp"

namespace bearerd::settings {

[[nodiscard]] Dynamic read_dynamic(const Reader& root);

// A route that names a provider which is not there lets nobody in; that is told, not refused: the two kinds of files
// change at different times.
void warn_about_unknown_providers(const Reader& root, const std::vector<Provider>& providers);

// Puts hashes in the place of the API keys, which are not needed any more, and wipes them.
void hide_api_keys(Node& root);

// The same text when the parts that we read mean the same.
[[nodiscard]] std::string dynamic_canonical(const Node& root);

}  // namespace bearerd::settings
