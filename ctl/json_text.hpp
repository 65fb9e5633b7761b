// JSON as text: what a token or a file says is shown as it stands there, its numbers and its order too.
#pragma once

#include <string>
#include <string_view>

namespace bearerd::ctl {

// A JSON string with its quotes.
[[nodiscard]] std::string quoted(std::string_view text);

// `json` is well-formed. A member a line, two spaces a level. What could steer a terminal or turn the direction of
// writing is shown as its escape, which is the same JSON.
[[nodiscard]] std::string indented(std::string_view json);

}  // namespace bearerd::ctl
