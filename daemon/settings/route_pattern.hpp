// What a pattern of a route can't mean, because the path that it is matched with never holds it.
#pragma once

#include <string>
#include <string_view>

namespace bearerd::settings {

// Advice for the operator; empty when there is nothing to say. `pattern` was checked already.
[[nodiscard]] std::string unmatchable_part(std::string_view pattern);

}  // namespace bearerd::settings
