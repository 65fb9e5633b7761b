// POCO's HTTPServer for the listeners that few call, bounded so that nobody can starve it: a thread belongs to a
// connection there for as long as it lasts, so a connection serves one request and has one deadline over all of it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "observe/metrics.hpp"
#include "settings/settings.hpp"

namespace Poco::Net {
class HTTPServerRequest;
class HTTPServerResponse;
}  // namespace Poco::Net

namespace bearerd::http {

struct SmallServerOptions {
  settings::Address address;
  std::vector<std::string> groups;  // UNIX: who may connect besides the owner
  unsigned max_threads = 4;
  unsigned max_waiting = 32;  // connections beyond are closed at once
  std::chrono::milliseconds read_timeout{2000};
  std::chrono::milliseconds deadline{5000};  // from the connection's acceptance to its end
  observe::ListenerKind kind = observe::ListenerKind::kMetrics;
  observe::Metrics* metrics = nullptr;  // outlives the server
};

// Serves from threads of its own until destroyed.
class SmallServer {
 public:
  // Several threads at once. What it throws ends the connection without an answer.
  using Handler = std::function<void(Poco::Net::HTTPServerRequest&, Poco::Net::HTTPServerResponse&)>;

  [[nodiscard]] static base::Result<std::unique_ptr<SmallServer>> open(SmallServerOptions options, Handler handler);
  ~SmallServer();
  SmallServer(const SmallServer&) = delete;
  SmallServer& operator=(const SmallServer&) = delete;

  // The port that was bound, when the address asked for port 0 (tests); 0 on a UNIX socket.
  [[nodiscard]] std::uint16_t port() const noexcept;

 private:
  struct State;
  explicit SmallServer(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace bearerd::http
