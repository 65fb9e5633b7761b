// GET /v1/plugins[/NAME]: the plugins that serve, and the keys that each takes in a provider's entry.
#pragma once

#include "http/admin_request.hpp"

namespace bearerd::http {

[[nodiscard]] AdminAnswer list_plugins(const AdminCalls& calls, const AdminRequest& request);
[[nodiscard]] AdminAnswer get_plugin(const AdminCalls& calls, const AdminRequest& request);

}  // namespace bearerd::http
