// JSON as text: what a token or a file says is shown as it stands there, its numbers and its order too.
#pragma once

#include <string>
#include <string_view>

namespace bearerd::ctl {

// The same JSON, with an escape for what could steer a terminal or turn the direction of writing. `json` is
// well-formed.
[[nodiscard]] std::string harmless(std::string_view json);

// The same, a member a line, two spaces a level.
[[nodiscard]] std::string indented(std::string_view json);

}  // namespace bearerd::ctl
