// PUT /v1/log-level, POST /v1/cache/flush: what lasts until the next restart at most.
#pragma once

#include "http/admin_request.hpp"

namespace bearerd::http {

[[nodiscard]] AdminAnswer put_log_level(const AdminCalls& calls, const AdminRequest& request);
[[nodiscard]] AdminAnswer flush_cache(const AdminCalls& calls, const AdminRequest& request);

// {"level": "debug" | … | null, "seconds": 1 to 86400}. kInvalid: the text says why.
[[nodiscard]] base::Result<LogLevelWish> parse_log_level_wish(std::string_view body);

}  // namespace bearerd::http
