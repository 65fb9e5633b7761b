// POST /v1/explain: what the verify listener would answer to a request, and how that comes about.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/reason.hpp"
#include "base/result.hpp"
#include "base/trace.hpp"
#include "http/admin_request.hpp"
#include "http/endpoint.hpp"
#include "verify/worker.hpp"

namespace bearerd::http {

// A request as the proxy would pass it on. Holds a credential: never to be logged, wiped with it.
struct ExplainWish {
  Endpoint endpoint = Endpoint::kVerify;  // one of /verify*
  verify::CredentialKind kind = verify::CredentialKind::kNone;
  std::string credential;
  std::string method = "GET", uri = "/", host, resource;
  std::string client_address, forwarded_for;  // at most one of them
  bool shows_claims = false;

  ExplainWish() = default;
  ExplainWish(ExplainWish&&) = default;
  ExplainWish& operator=(ExplainWish&&) = default;
  ExplainWish(const ExplainWish&) = delete;
  ExplainWish& operator=(const ExplainWish&) = delete;
  ~ExplainWish();
};

// {"token" | "api_key", "endpoint", "method", "uri", "host", "resource", "client_address" | "forwarded_for",
// "claims"}. kInvalid: the text says why, and holds no value.
[[nodiscard]] base::Result<ExplainWish> parse_explain(std::string_view body);

struct Explanation {
  base::Reason reason = base::Reason::kInternal;
  std::optional<std::chrono::seconds> retry_after;
  struct Status {
    std::string_view endpoint;
    int status = 0;
  };
  std::vector<Status> statuses;  // what each endpoint answers to this reason
  std::uint64_t static_generation = 0, dynamic_generation = 0;
  std::string provider, deployment, route;  // configured names; empty: none
  std::vector<base::Step> steps;
};

// The request goes through the parser, the endpoint and the worker that serve proxies. Blocks as long as such a request
// would wait.
[[nodiscard]] Explanation explain(const ExplainWish& wish, verify::Worker& worker, const base::Clock& clock);

[[nodiscard]] std::string to_json(const Explanation& explanation);

// The call: POST /v1/explain.
[[nodiscard]] AdminAnswer explain_request(const AdminCalls& calls, const AdminRequest& request);

}  // namespace bearerd::http
