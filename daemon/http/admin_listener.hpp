// The admin API over UNIX sockets: whoever the kernel says is at the other end has the rights of docs/http-api.md,
// nobody else any.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "http/admin_calls.hpp"
#include "http/admin_router.hpp"
#include "http/peer.hpp"
#include "http/small_server.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "settings/settings.hpp"

namespace bearerd::http {

class AdminListener {
 public:
  struct Options {
    std::vector<settings::Address> addresses;  // UNIX only: another is refused
    std::vector<ListeningSocket> passed;       // opened for us at some of them
    RightHolders holders = RightHolders::of_this_machine();
    AdminCalls calls;
    observe::Log* log = nullptr;  // both outlive the listener
    observe::Metrics* metrics = nullptr;
    std::chrono::milliseconds request_time{5000};  // in which a caller must have sent its request
  };
  // Serves until destroyed.
  [[nodiscard]] static base::Result<std::unique_ptr<AdminListener>> open(Options options);

 private:
  AdminListener(AdminCalls calls, observe::Log& log, RightHolders holders);
  void serve(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response, RequestDeadline deadline);

  AdminRouter router_;
  const RightHolders holders_;
  std::vector<std::unique_ptr<SmallServer>> servers_;
};

}  // namespace bearerd::http
