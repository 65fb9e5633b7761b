// One call of the admin API and its answer, without a socket.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/admin_calls.hpp"
#include "http/peer.hpp"
#include "settings/load.hpp"

namespace bearerd::http {

// Views are lent for the call.
struct AdminRequest {
  std::string_view method, target;
  std::string_view content_type;  // empty: the caller did not say
  std::string_view body;
  AdminCaller caller;
  std::string_view query;  // of the target, without '?'
  std::string name;        // what stands for "{name}" in the row's path, decoded
};

// What a change did, for its audit line. Names are ours; no value may hold a user, a token or a secret.
struct AuditField {
  std::string_view name;
  std::variant<std::string, std::int64_t> value;
};

struct AdminAnswer {
  int status = 500;
  std::string content_type, body;
  std::string allow;                    // the methods there are, with 405
  std::string challenge;                // WWW-Authenticate, with 401
  std::chrono::seconds retry_after{0};  // 0: not said
  std::vector<AuditField> audited = {};
};

[[nodiscard]] AdminAnswer json_answer(std::string body, int status = 200);
// application/problem+json (RFC 9457). `code` is stable; `title` and `detail` are for people.
[[nodiscard]] AdminAnswer admin_refusal(int status, std::string_view code, std::string_view title,
                                        const std::string& detail = {},
                                        const std::vector<settings::Problem>& problems = {});
// 503, with a code that tells whether anything was begun.
[[nodiscard]] AdminAnswer no_answer_refusal(NoAnswer why);
// 422 "invalid": the body or the query is not understood. 400 for kDenied: it could be understood in two ways.
[[nodiscard]] AdminAnswer invalid_refusal(const base::Error& error);

// Of the admin listener's threads, several at once. What it throws is a 500.
using AdminHandler = AdminAnswer (*)(const AdminCalls& calls, const AdminRequest& request);

}  // namespace bearerd::http
