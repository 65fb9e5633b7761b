// The answers of the verify listener as bytes. All that is constant between two changes of the settings is rendered
// once.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/reason.hpp"
#include "http/endpoint.hpp"
#include "http/request_head.hpp"
#include "settings/settings.hpp"
#include "verify/worker.hpp"

namespace bearerd::http {

// What the answer says about the connection: HTTP/1.0 has to be told that it stays (RFC 9112 §9.3).
enum class Persistence : std::uint8_t { kClose = 1, kKeep, kKeepAnnounced };

// The parts of an answer that change with each.
struct Framing {
  Persistence persistence = Persistence::kClose;
  std::string_view date;  // a whole header line (RFC 9110 §6.6.1)
};

// Immutable; one per loop and settings.
class Answers {
 public:
  explicit Answers(std::shared_ptr<const settings::Settings> settings);

  [[nodiscard]] const settings::Settings* settings() const noexcept { return settings_.get(); }

  // That of the status line. `endpoint` is one of /verify*.
  [[nodiscard]] int status(Endpoint endpoint, base::Reason reason) const noexcept;
  // `endpoint` is one of /verify*.
  void append_decision(std::string& out, Endpoint endpoint, const verify::Decision& decision,
                       const Framing& framing) const;

 private:
  [[nodiscard]] std::string render_refusal(Endpoint endpoint, base::Reason reason) const;
  [[nodiscard]] std::string render_challenge(base::Reason reason, int status) const;
  [[nodiscard]] int status_of(base::Reason reason) const noexcept;
  [[nodiscard]] bool exposes_reason(Endpoint endpoint) const noexcept;

  std::shared_ptr<const settings::Settings> settings_;
  std::string realm_, metadata_url_;
  std::array<std::array<std::string, base::kReasonCount + 1>, kVerifyEndpointCount> texts_;
};

// An answer of the other endpoints, or of no endpoint at all.
struct PlainAnswer {
  int status = 0;
  std::string_view content_type;  // empty: no body
  std::string_view body;
  bool is_body_omitted = false;  // HEAD
  std::string_view extra_headers;
};
void append_plain(std::string& out, const PlainAnswer& answer, const Framing& framing);

// The answer to a request that is not even HTTP as we serve it; closes. `target` (may be empty) decides whether nginx's
// folding applies.
void append_fault(std::string& out, Fault fault, std::string_view target, std::string_view date);

// The reason that a fault is counted as.
[[nodiscard]] base::Reason reason_of(Fault fault) noexcept;

// Sent to a connection above the limit, which is then closed: whole and constant.
[[nodiscard]] std::string_view overload_answer() noexcept;

// Where RFC 9728 §3.1 puts the metadata of `resource`; empty for an empty one.
[[nodiscard]] std::string metadata_url(std::string_view resource);
// The path of `resource`, without query; empty for none or "/".
[[nodiscard]] std::string_view resource_path(std::string_view resource) noexcept;

// "Date: …\r\n", rendered once a second. One per loop.
class DateLine {
 public:
  [[nodiscard]] std::string_view at(std::chrono::system_clock::time_point now);

 private:
  std::int64_t second_ = -1;
  std::string text_;
};

}  // namespace bearerd::http
