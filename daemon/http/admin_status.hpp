// GET /v1/status, POST /v1/reload, GET /v1/reloads.
#pragma once

#include "http/admin_request.hpp"

namespace bearerd::http {

[[nodiscard]] AdminAnswer get_status(const AdminCalls& calls, const AdminRequest& request);
[[nodiscard]] AdminAnswer post_reload(const AdminCalls& calls, const AdminRequest& request);
[[nodiscard]] AdminAnswer list_reloads(const AdminCalls& calls, const AdminRequest& request);

}  // namespace bearerd::http
