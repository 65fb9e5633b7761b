// The listener that proxies ask: a few event loops, no thread per connection.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/result.hpp"
#include "http/listening_socket.hpp"
#include "http/socket_file.hpp"
#include "http/tls_server.hpp"
#include "http/verify_loop.hpp"
#include "observe/metrics.hpp"
#include "settings/settings.hpp"
#include "verify/worker.hpp"

namespace bearerd::http {

struct VerifyListenerOptions {
  settings::Listen listen;              // `verify`, `tls` and the limits
  std::vector<ListeningSocket> passed;  // opened for us: served instead of binding their addresses
  std::function<std::unique_ptr<verify::Worker>(unsigned loop)> make_worker;
  observe::Metrics* metrics = nullptr;         // may be null; outlives the listener
  std::string socket_group = "bearerd-proxy";  // of UNIX sockets, where the system has it
};

// How many event loops these settings give: listen.threads, or one for each core that the process may use, up to four.
[[nodiscard]] unsigned loop_count(const settings::Listen& listen);

// One thread controls it; heartbeats() may be asked by any.
class VerifyListener {
 public:
  // Binds everything, or says which address it could not have. Serves nothing yet.
  static base::Result<std::unique_ptr<VerifyListener>> open(VerifyListenerOptions options);
  ~VerifyListener();  // stop()
  VerifyListener(const VerifyListener&) = delete;
  VerifyListener& operator=(const VerifyListener&) = delete;

  void start();
  // Takes no more connections, answers what is under way with `Connection: close`, closes what is idle. Returns when no
  // connection is left or at the deadline; true for the former.
  bool drain(base::SteadyTime deadline);
  // Ends the loops; connections that are left are cut.
  void stop();

  // When each loop last turned: at least once a second unless it hangs.
  [[nodiscard]] std::vector<base::SteadyTime> heartbeats() const;
  // Where it listens, in the order of the settings, with the ports that were taken for 0.
  [[nodiscard]] std::vector<settings::Address> addresses() const;
  // Control thread: takes in a certificate that changed on disk (TlsServer::renew). False where there is none.
  [[nodiscard]] base::Result<bool> renew_certificate();
  // The socket files that `socket_group` can't open, because the system does not have it.
  [[nodiscard]] std::vector<std::string> closed_to_group() const;
  [[nodiscard]] std::size_t connections() const noexcept {
    return state_.total.connections.load(std::memory_order_relaxed);
  }

 private:
  explicit VerifyListener(VerifyListenerOptions options);
  [[nodiscard]] base::Result<void> open_tls();
  [[nodiscard]] base::Result<void> open_loops();
  [[nodiscard]] base::Result<void> open_sockets();
  [[nodiscard]] base::Result<void> listen_at(const settings::Address& address);
  [[nodiscard]] base::Result<void> listen_tcp(const settings::Address& address);
  [[nodiscard]] base::Result<void> listen_unix(const settings::Address& address);
  [[nodiscard]] base::Result<void> listen_shared(ListeningSocket socket);

  void remove_socket_files() noexcept;

  VerifyListenerOptions options_;
  std::unique_ptr<TlsServer> tls_;
  ListenerState state_;
  std::vector<ListeningSocket> sockets_;  // outlive the loops that watch them
  std::vector<settings::Address> addresses_;
  std::vector<SocketFile> socket_files_;  // ours to remove
  std::vector<std::unique_ptr<VerifyLoop>> loops_;
  std::vector<std::thread> threads_;
};

}  // namespace bearerd::http
