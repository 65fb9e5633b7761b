// GET /v1/settings: what is in force.
#pragma once

#include "http/admin_request.hpp"

namespace bearerd::http {

[[nodiscard]] AdminAnswer get_settings(const AdminCalls& calls, const AdminRequest& request);

}  // namespace bearerd::http
