// Which admin call a request means, whether its caller may make it, and what it answers. No sockets: the listener
// brings the caller.
#pragma once

#include "http/admin_calls.hpp"
#include "http/admin_request.hpp"
#include "http/admin_table.hpp"
#include "observe/log.hpp"

namespace bearerd::http {

// Any thread.
class AdminRouter {
 public:
  // `log` outlives this.
  AdminRouter(AdminCalls calls, observe::Log& log);
  // Never throws: what a call throws is a 500.
  [[nodiscard]] AdminAnswer answer(AdminRequest request) noexcept;

 private:
  AdminAnswer route(AdminRequest& request);
  AdminAnswer run(const AdminCall& call, const AdminRequest& request);
  void audit(const AdminCall& call, const AdminRequest& request, const AdminAnswer& answer);

  const AdminCalls calls_;
  observe::Log& log_;
};

}  // namespace bearerd::http
