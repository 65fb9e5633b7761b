// The admin API. Over UNIX sockets, whoever the kernel says is at the other end has the rights of docs/admin-api.md;
// over TCP, only with TLS, whoever's token the guard takes. Nobody else has any.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <tl/expected.hpp>
#include <vector>

#include "base/result.hpp"
#include "http/admin_calls.hpp"
#include "http/admin_router.hpp"
#include "http/peer.hpp"
#include "http/small_server.hpp"
#include "http/tls_server.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "settings/settings.hpp"
#include "verify/admin_guard.hpp"

namespace bearerd::http {

class AdminListener {
 public:
  struct Options {
    std::vector<settings::Address> addresses;
    std::vector<ListeningSocket> passed;  // opened for us at some of them
    RightHolders holders = RightHolders::of_this_machine();
    std::optional<settings::TlsFiles> tls;  // TCP is refused without this and the guard
    verify::AdminGuard* guard = nullptr;    // outlives the listener
    AdminCalls calls;
    observe::Log* log = nullptr;  // both outlive the listener
    observe::Metrics* metrics = nullptr;
    std::chrono::milliseconds request_time{5000};  // in which a caller must have sent its request
  };
  // Serves until destroyed.
  [[nodiscard]] static base::Result<std::unique_ptr<AdminListener>> open(Options options);

  // Control thread. As TlsServer::renew; false where there is no TLS.
  [[nodiscard]] base::Result<bool> renew_certificate();
  // Of the first TCP address, where it asked for port 0 (tests); else 0.
  [[nodiscard]] std::uint16_t port() const noexcept;

 private:
  AdminListener(AdminCalls calls, observe::Log& log, RightHolders holders, verify::AdminGuard* guard);
  // Who calls; or the answer to somebody who may not.
  using Admission = tl::expected<AdminCaller, AdminAnswer>;
  [[nodiscard]] Admission admit(Poco::Net::HTTPServerRequest& request);
  [[nodiscard]] Admission admit_by_token(const Poco::Net::HTTPServerRequest& request);
  void tell_refused(base::Reason reason);
  void serve(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response,
             RequestConnection connection);

  AdminRouter router_;
  observe::Log& log_;
  const RightHolders holders_;
  verify::AdminGuard* const guard_;
  std::unique_ptr<TlsServer> tls_;  // before the servers that use it
  std::mutex refusals_mutex_;
  std::chrono::steady_clock::time_point next_refusal_line_{};
  std::int64_t refusals_left_out_ = 0;
  std::vector<std::unique_ptr<SmallServer>> servers_;
};

}  // namespace bearerd::http
