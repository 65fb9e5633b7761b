// Where connections wait until they have said enough: who is silent, or stops in the middle of the head of a request,
// holds a place here, and no thread of a server's. With TLS that is the ClientHello: what comes after it is not seen
// here. A head in so many pieces that they fill the socket's buffer never ends, and is closed with the rest.
#pragma once

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <thread>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/event_loop.hpp"

namespace bearerd::http {

class Reception final : private TurnObserver, private ReadySource {
 public:
  struct Options {
    bool is_tls = false;
    std::chrono::milliseconds patience{2000};  // from the accept on
    std::size_t most_waiting = 256;            // one more, and the longest waiting goes
  };
  // Called on a thread of the reception's own, with all that came still to be read.
  using Receive = std::function<void(const Poco::Net::StreamSocket&)>;

  // Accepts on `listener` until destroyed.
  [[nodiscard]] static base::Result<std::unique_ptr<Reception>> open(const Poco::Net::ServerSocket& listener,
                                                                     Options options, Receive receive);
  ~Reception() override;
  Reception(const Reception&) = delete;
  Reception& operator=(const Reception&) = delete;

 private:
  class Caller;

  Reception(std::unique_ptr<EventLoop> loop, const Poco::Net::ServerSocket& listener, Options options, Receive receive);
  void on_ready(std::uint32_t events) override;
  void begin_turn(base::SteadyTime now) override;
  std::optional<base::SteadyTime> end_turn(base::SteadyTime now) override;
  void accept(base::SteadyTime now);
  void receive(std::uint64_t number);

  const std::unique_ptr<EventLoop> loop_;
  Poco::Net::ServerSocket listener_;
  const Options options_;
  const Receive receive_;
  std::map<std::uint64_t, std::unique_ptr<Caller>> callers_;  // by their number, so in the order of their coming
  std::uint64_t next_number_ = 0;
  bool is_called_ = false;
  std::thread thread_;
};

}  // namespace bearerd::http
