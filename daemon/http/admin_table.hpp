// Every admin call: what reaches it, who may make it, and how /v1/openapi.json describes it. A new call is one row
// here, its handler, and its schemas (admin_schemas.cpp).
#pragma once

#include <span>
#include <string_view>

#include "http/admin_request.hpp"
#include "http/peer.hpp"

namespace bearerd::http {

struct AdminCall {
  std::string_view method;
  std::string_view path;  // may hold one "{name}", a whole segment
  Right right = Right::kAdmin;
  bool is_change = false;  // leaves an audit line
  AdminHandler handler = nullptr;
  std::string_view id, summary;
  std::string_view parameters;     // of the query, with spaces between
  std::string_view body;           // its schema; empty: none is read
  std::string_view answer;         // the schema of the good answer
  int status = 200;                // of the good answer
  std::string_view refusals = {};  // statuses that this call has besides those that every call has, with spaces between
};

[[nodiscard]] std::span<const AdminCall> admin_calls_table();

}  // namespace bearerd::http
