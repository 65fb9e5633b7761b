// From a request's head to the question that it asks: each endpoint has one source per field, and never falls back to
// another.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/reason.hpp"
#include "http/endpoint.hpp"
#include "http/request_head.hpp"
#include "verify/worker.hpp"

namespace bearerd::http {

// X-Request-Id when it is fit for a log line, else one of our own. One per loop.
class RequestIds {
 public:
  RequestIds();
  // `storage` holds a made id.
  [[nodiscard]] std::string_view choose(std::string_view sent, std::array<char, 16>& storage) noexcept;

 private:
  std::uint64_t state_;
};

// The question and the bytes behind it that are not the connection's. Does not move: `request` views its other members.
struct ProtectedRequest {
  ProtectedRequest() = default;
  ProtectedRequest(const ProtectedRequest&) = delete;
  ProtectedRequest& operator=(const ProtectedRequest&) = delete;

  verify::Request request;
  std::string path_storage;
  std::array<char, 16> id_storage{};

  // Fills `request` from a head that is lent until the answer. kOk: ask; else refuse with this reason, which the
  // request's trace has been told by then. A malformed request is refused before anything is decided about it.
  [[nodiscard]] base::Reason assign(const RequestHead& head, const Selection& selection, bool has_api_keys);

 private:
  [[nodiscard]] base::Reason assign_source(const RequestHead& head, const Selection& selection);
  [[nodiscard]] base::Reason assign_method_and_path(std::string_view method, std::string_view target);
  // kBadRequest; `why` is for whoever wants it explained.
  [[nodiscard]] base::Reason refuse(std::string_view why) const;
};

}  // namespace bearerd::http
