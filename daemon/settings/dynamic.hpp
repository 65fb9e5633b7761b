// Deployments, roles, keys and routes out of the merged dynamic files.
#pragma once

#include "settings/reader.hpp"
#include "settings/settings.hpp"

namespace bearerd::settings {

[[nodiscard]] Dynamic read_dynamic(const Reader& root);

// The same text when the parts that we read mean the same.
[[nodiscard]] std::string dynamic_canonical(const Node& root);

}  // namespace bearerd::settings
