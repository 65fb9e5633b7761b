// GET, POST and DELETE /v1/revocations, and what comes of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/admin_request.hpp"
#include "settings/revocation.hpp"
#include "state/revocation_store.hpp"

namespace bearerd::http {

// {"provider", "jti" | "session" | "subject" | "caller" | "key", "issued_before", "until"}. kInvalid: the text says
// why, and holds no value.
[[nodiscard]] base::Result<settings::Revocation> parse_revocation(std::string_view body);

struct RevocationWish {
  std::optional<state::RevocationMark> after;
  std::size_t max_entries = 100;
};
// The query of GET: after, limit.
[[nodiscard]] base::Result<RevocationWish> parse_revocation_wish(std::string_view query);
// The query of DELETE: id.
[[nodiscard]] base::Result<state::RevocationMark> parse_revocation_id(std::string_view query);

[[nodiscard]] std::string to_json(const state::RevocationEntry& entry);
[[nodiscard]] std::string to_json(const state::RevocationPage& page);
// What accept-loss answers; `aside` may be empty.
[[nodiscard]] std::string accepted_loss_json(const std::string& aside);

[[nodiscard]] AdminAnswer list_revocations(const AdminCalls& calls, const AdminRequest& request);
[[nodiscard]] AdminAnswer add_revocation(const AdminCalls& calls, const AdminRequest& request);
[[nodiscard]] AdminAnswer end_revocation(const AdminCalls& calls, const AdminRequest& request);
[[nodiscard]] AdminAnswer accept_loss(const AdminCalls& calls, const AdminRequest& request);

}  // namespace bearerd::http
