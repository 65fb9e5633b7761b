// The claims of a token, from the options of "token sign".
#pragma once

#include <string>

#include "base/result.hpp"
#include "base/timestamp.hpp"
#include "ctl/command_line.hpp"

namespace bearerd::ctl {

// A JSON object (RFC 7519 §4). `iat` and `exp` are always there, `jti` unless --jti is empty: an assertion without them
// is refused nearly everywhere (RFC 7523 §3). Fails when a claim is given twice.
[[nodiscard]] base::Result<std::string> build_claims(const CommandLine& line, base::Timestamp now);

// "now", seconds since the epoch, or RFC 3339.
[[nodiscard]] base::Result<base::Timestamp> parse_time(const std::string& text, base::Timestamp now);
// "90", "90s", "10m", "8h", "7d".
[[nodiscard]] base::Result<std::int64_t> parse_span(std::string_view text);

}  // namespace bearerd::ctl
