// Which admin call a request means, whether its caller may make it, and what it answers. No sockets: the listener
// brings the peer.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "http/admin_calls.hpp"
#include "http/peer.hpp"
#include "observe/log.hpp"

namespace bearerd::http {

struct AdminRequest {
  std::string_view method, target;
  std::string_view body;
  Peer peer;
  Rights rights;
};

struct AdminAnswer {
  int status = 500;
  std::string content_type, body;
  std::string allow;              // the methods there are, with 405
  std::string_view verdict = {};  // for the audit line; empty: none
};

// Any thread.
class AdminRouter {
 public:
  AdminRouter(AdminCalls calls, observe::Log& log);
  // Never throws: what a call throws is a 500.
  [[nodiscard]] AdminAnswer answer(const AdminRequest& request) noexcept;

 private:
  using Handler = AdminAnswer (AdminRouter::*)(const AdminRequest&);
  // A new call is one row here and its handler. A row that changes something leaves an audit line.
  struct Row {
    std::string_view method, path;
    Right right;
    bool is_change;
    Handler handler;
  };
  static const std::vector<Row>& rows();

  AdminAnswer route(const AdminRequest& request);
  AdminAnswer run(const Row& row, const AdminRequest& request);
  AdminAnswer status(const AdminRequest& request);
  AdminAnswer reload(const AdminRequest& request);
  AdminAnswer list_usage(const AdminRequest& request);
  AdminAnswer record_usage(const AdminRequest& request);
  AdminAnswer list_revocations(const AdminRequest& request);
  AdminAnswer revoke(const AdminRequest& request);
  AdminAnswer end_revocation(const AdminRequest& request);
  AdminAnswer explain(const AdminRequest& request);
  AdminAnswer accept_loss(const AdminRequest& request);

  const AdminCalls calls_;
  observe::Log& log_;
  std::mutex reload_mutex_;
};

[[nodiscard]] AdminAnswer admin_refusal(int status, std::string_view code, std::string_view title,
                                        std::string detail = {});

}  // namespace bearerd::http
