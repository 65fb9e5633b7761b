// One outbound request, bounded in every direction: time, bytes, redirects, and where it may connect to.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace bearerd::net {

struct FetchRequest {
  std::string url;  // https, or http to a loopback host
  std::string method = "GET";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string ca_file;                       // empty: the system's trust store
  std::chrono::milliseconds deadline{5000};  // over everything: resolving, connecting, TLS, redirects, body
  std::size_t max_body_bytes = 1U << 20U;
  unsigned max_redirects = 3;  // GET only, and only within the host of `url`
};

struct FetchResponse {
  int status = 0;
  std::string body;
  // Freshness from Cache-Control (max-age less Age, no-cache, no-store) or Expires; nullopt-like negative: none was
  // said.
  std::chrono::seconds max_age{-1};
};

// Any thread; blocks up to the deadline. Errors: kInvalid (URL), kDenied (link-local or other refused address, plain
// http to a non-loopback host, redirect elsewhere, TLS verification), kTimeout, kTooLarge, kUnavailable. A status other
// than 2xx is a response, not an error.
class Fetcher {
 public:
  virtual ~Fetcher() = default;
  [[nodiscard]] virtual base::Result<FetchResponse> fetch(const FetchRequest& request) = 0;
};

}  // namespace bearerd::net
