// POST and GET /v1/usage: what gateways report, and what callers have used and have left.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/admin_request.hpp"

namespace bearerd::http {

// {"caller", "deployment", "tokens", "cost", "idempotency_key"}: tokens or cost, or both. kInvalid: no such report;
// kNotFound: no such deployment.
[[nodiscard]] base::Result<state::UsageReport> parse_usage_report(std::string_view body,
                                                                  const state::LimitTable& limits);
// The query of GET /v1/usage: caller, after, limit.
[[nodiscard]] base::Result<state::PageWish> parse_page_wish(std::string_view query);

[[nodiscard]] std::string to_json(state::Recorded recorded);
[[nodiscard]] std::string to_json(const state::UsagePage& page, const state::LimitTable& limits, std::int64_t now);

[[nodiscard]] AdminAnswer list_usage(const AdminCalls& calls, const AdminRequest& request);
[[nodiscard]] AdminAnswer record_usage(const AdminCalls& calls, const AdminRequest& request);

}  // namespace bearerd::http
