// GET /v1/providers[/NAME], and what may be done to one. No answer holds a key, a secret or a user.
#pragma once

#include <Poco/JSON/Object.h>

#include "base/clock.hpp"
#include "http/admin_request.hpp"

namespace bearerd::http {

[[nodiscard]] AdminAnswer list_providers(const AdminCalls& calls, const AdminRequest& request);
[[nodiscard]] AdminAnswer get_provider(const AdminCalls& calls, const AdminRequest& request);
[[nodiscard]] AdminAnswer disable_provider(const AdminCalls& calls, const AdminRequest& request);
[[nodiscard]] AdminAnswer enable_provider(const AdminCalls& calls, const AdminRequest& request);
[[nodiscard]] AdminAnswer refresh_provider(const AdminCalls& calls, const AdminRequest& request);

// A body or a query names a provider that is not there; `detail` has the names of those that are.
[[nodiscard]] AdminAnswer no_such_provider(const AdminCalls& calls);
// As GET /v1/status has it.
[[nodiscard]] Poco::JSON::Object provider_summary_json(const ProviderStatus& provider, base::WallTime now);

}  // namespace bearerd::http
