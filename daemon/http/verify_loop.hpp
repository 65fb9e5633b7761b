// One thread's share of the verify listener: its sockets, its connections, its worker.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "http/connection.hpp"
#include "http/connection_count.hpp"
#include "http/event_loop.hpp"
#include "http/listening_socket.hpp"
#include "http/tls_server.hpp"
#include "http/verify_service.hpp"
#include "observe/metrics.hpp"
#include "settings/settings.hpp"
#include "verify/worker.hpp"

namespace bearerd::http {

// What the loops of a listener share. Outlives them.
struct ListenerState {
  settings::Listen limits;
  ConnectionTotal total;
  const TlsServer* tls = nullptr;            // of TCP sockets; null: plain
  std::atomic<std::size_t> closed_doors{0};  // loops that accept no more, because they drain
};

class VerifyLoop final : private TurnObserver, private ConnectionHost {
 public:
  VerifyLoop(ListenerState& state, std::unique_ptr<EventLoop> event_loop, std::unique_ptr<verify::Worker> worker);

  ~VerifyLoop() override;

  // Before run(). The socket is lent. A shared socket wakes one loop per connection.
  [[nodiscard]] base::Result<void> listen_on(const ListeningSocket& socket, bool is_shared);

  // Serves until stop(); the thread's own function.
  void run();

  // Any thread, as the rest.
  void drain();
  void stop() { loop_->stop(); }
  [[nodiscard]] base::SteadyTime heartbeat() const noexcept { return loop_->heartbeat(); }

 private:
  class Acceptor;

  void begin_turn(base::SteadyTime now) override;
  std::optional<base::SteadyTime> end_turn(base::SteadyTime now) override;
  void on_closed(Connection& connection) noexcept override;
  void on_parked(Connection& connection, std::uint64_t ticket) override;
  void on_unparked(std::uint64_t ticket) noexcept override;

  std::function<void()> make_wake(std::uint64_t ticket);
  void on_resumed(std::uint64_t ticket);
  void start_draining();
  [[nodiscard]] bool accept_one(int fd, bool has_tls);
  void admit(base::FileDescriptor socket, bool has_tls);
  void turn_away(const base::FileDescriptor& socket, bool has_tls);
  void pause_accepting() noexcept;
  void resume_accepting();
  void expire(TimerList& list, base::SteadyTime now);
  void bury_closed() noexcept;

  ListenerState& state_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<verify::Worker> worker_;
  VerifyService service_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::unordered_map<std::uint64_t, Connection*> parked_by_ticket_;
  TimerList closed_;  // until the turn's end: events of this turn may still name them
  std::uint64_t last_connection_ = 0;
  TimerList pauses_;
  Timer accept_pause_;
};

}  // namespace bearerd::http
