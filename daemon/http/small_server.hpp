// A server on POCO's HTTP parser for the listeners that few call, bounded so that nobody can starve it: a thread
// belongs to a connection there from its whole head (with TLS, from its ClientHello) to its end, so a connection serves
// one request and has one deadline over all of it. Who has been heard and has a right to a long answer is given more
// time by the handler.
#pragma once

#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "http/listening_socket.hpp"
#include "observe/metrics.hpp"
#include "settings/settings.hpp"

namespace bearerd::http {

class ConnectionDeadlines;
class TlsServer;

// What is sent where no request could be read: a bare 400.
inline void refuse_plainly(Poco::Net::HTTPServerResponse& response) {
  response.setStatusAndReason(Poco::Net::HTTPResponse::HTTP_BAD_REQUEST);
  response.setContentLength(0);
  response.send();
}

struct SmallServerOptions {
  settings::Address address;
  const TlsServer* tls = nullptr;         // TCP: with TLS; outlives the server
  std::optional<ListeningSocket> passed;  // opened for us at `address`; nothing is bound then
  std::vector<std::string> groups;        // UNIX: who may connect besides the owner
  unsigned max_threads = 4;
  unsigned max_waiting = 256;  // for a thread; connections beyond are closed at once
  unsigned max_unheard = 256;  // who have not said enough yet; one more, and the longest waiting is closed
  std::chrono::milliseconds read_timeout{2000};
  std::chrono::milliseconds deadline{
      5000};  // from when a thread takes the connection to its end, unless the handler sets another
  std::function<void(Poco::Net::HTTPServerResponse&)> refuse_malformed = refuse_plainly;
  observe::ListenerKind kind = observe::ListenerKind::kMetrics;
  observe::Metrics* metrics = nullptr;  // outlives the server
};

// The connection that a request came on.
class RequestConnection {
 public:
  RequestConnection(ConnectionDeadlines& deadlines, int socket, bool& lingers) noexcept
      : deadlines_(deadlines), socket_(socket), lingers_(lingers) {}
  void set_deadline(std::chrono::milliseconds from_now) const;
  // Once the answer is out, what the caller still sends is taken and dropped for a while: closing over unread bytes
  // resets the connection, and the answer may be lost (RFC 9112 §9.6).
  void linger_after_answer() const noexcept { lingers_ = true; }

 private:
  ConnectionDeadlines& deadlines_;
  int socket_;
  bool& lingers_;
};

// Serves from threads of its own until destroyed.
class SmallServer {
 public:
  // Several threads at once. What it throws ends the connection without an answer.
  using Handler = std::function<void(Poco::Net::HTTPServerRequest&, Poco::Net::HTTPServerResponse&, RequestConnection)>;

  [[nodiscard]] static base::Result<std::unique_ptr<SmallServer>> open(SmallServerOptions options, Handler handler);
  ~SmallServer();
  SmallServer(const SmallServer&) = delete;
  SmallServer& operator=(const SmallServer&) = delete;

  // Of SmallServerOptions::groups, those that this system does not have.
  [[nodiscard]] const std::vector<std::string>& unknown_groups() const noexcept;
  // The port that was bound, when the address asked for port 0 (tests); 0 on a UNIX socket.
  [[nodiscard]] std::uint16_t port() const noexcept;

 private:
  struct State;
  explicit SmallServer(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace bearerd::http
