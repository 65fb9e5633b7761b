// GET /v1/decisions: the last decisions, for whoever watches them come.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/reason.hpp"
#include "base/result.hpp"
#include "http/admin_request.hpp"

namespace bearerd::http {

inline constexpr std::size_t kMostDecisions = 200;  // of a page

struct DecisionsWish {
  std::optional<std::uint64_t> after;  // a number; absent: the last ones
  std::size_t limit = 100;
  std::string provider;  // empty: all
  std::optional<base::Reason> reason;
  std::optional<base::DecisionKind> decision;
};
// after, limit, provider, reason, decision. kInvalid: the text says why.
[[nodiscard]] base::Result<DecisionsWish> parse_decisions_wish(std::string_view query);

[[nodiscard]] AdminAnswer list_decisions(const AdminCalls& calls, const AdminRequest& request);

}  // namespace bearerd::http
