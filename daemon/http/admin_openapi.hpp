// GET /v1/openapi.json: OpenAPI 3.1 of every call, made from the table that dispatches them.
#pragma once

#include "http/admin_request.hpp"

namespace bearerd::http {

[[nodiscard]] AdminAnswer get_openapi(const AdminCalls& calls, const AdminRequest& request);

}  // namespace bearerd::http
