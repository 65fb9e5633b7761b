// One client's connection: bytes in, requests in their order, answers out. Lives on one loop's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/buffer.hpp"
#include "http/connection_count.hpp"
#include "http/event_loop.hpp"
#include "http/request_head.hpp"
#include "http/stream.hpp"
#include "http/timer_list.hpp"
#include "http/verify_service.hpp"
#include "settings/settings.hpp"

namespace bearerd::http {

class Connection;

// What the connections of a loop share.
struct ConnectionHost {
  ConnectionHost(EventLoop& event_loop, VerifyService& verify_service, const settings::Listen& listen) noexcept
      : loop(event_loop), service(verify_service), limits(listen) {}
  virtual ~ConnectionHost() = default;
  // The connection may be destroyed after its callback returned.
  virtual void on_closed(Connection& connection) noexcept = 0;
  virtual void on_parked(Connection& connection, std::uint64_t ticket) = 0;
  virtual void on_unparked(std::uint64_t ticket) noexcept = 0;

  EventLoop& loop;
  VerifyService& service;
  const settings::Listen& limits;
  BufferPool buffers;
  std::string out;  // answers of the connection that is being served; empty between two
  TimerList idle, reading, writing, parked, lingering;
  base::SteadyTime now{};
  bool is_draining = false;
};

class Connection final : public ReadySource, public Timer {
 public:
  Connection(ConnectionHost& host, Stream stream, std::uint64_t id, std::unique_ptr<ConnectionCount> count) noexcept;
  ~Connection() override;

  [[nodiscard]] base::Result<void> open();
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }

  void on_ready(std::uint32_t events) override;
  // Its timer has run out.
  void on_timer();
  // The parked request can be decided now.
  void on_resumed();
  // The listener is to stop: closes unless a request is under way, which still gets its answer.
  void drain();

 private:
  enum class Phase : std::uint8_t {
    kIdle = 1,   // between requests
    kReading,    // a request has begun
    kParked,     // its answer waits for the network
    kWriting,    // the client does not take its answers
    kLingering,  // the last answer is sent; what the client still sends is thrown away, lest a reset overtake the
                 // answer
    kClosed,
  };

  template <class Step>
  void guarded(Step step) noexcept;
  void handle(std::uint32_t events);
  void read_buffered();
  void read_input();
  void consume();
  [[nodiscard]] bool step();
  [[nodiscard]] bool on_more();
  [[nodiscard]] bool on_head();
  [[nodiscard]] bool on_end();
  void end_request();
  [[nodiscard]] bool park();
  void refuse(Fault fault);
  void finish_parked(bool is_expired);
  [[nodiscard]] Persistence persistence() const noexcept;
  void drop_head();
  void flush();
  void write_pending();
  void settle();
  void linger();
  void discard_input();
  void abandon() noexcept;
  void close() noexcept;
  void watch(std::uint32_t events) noexcept;

  ConnectionHost& host_;
  Stream stream_;
  std::uint64_t id_;
  std::unique_ptr<ConnectionCount> count_;
  RequestParser parser_;
  Buffer buffer_;
  std::string pending_;  // what the socket did not take
  std::unique_ptr<Exchange> exchange_;
  std::optional<IntrospectionForm> form_;  // its body is being read, or its answer waited for
  std::uint32_t watched_ = 0;
  Phase phase_ = Phase::kIdle;
  bool has_asked_ = false;     // any byte has come
  bool is_closing_ = false;    // after the answers so far
  bool is_answered_ = false;   // the running request
  bool has_deadline_ = false;  // the running request's time to be complete is set
};

}  // namespace bearerd::http
