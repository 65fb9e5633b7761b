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
#include <thread>

#include "base/file.hpp"

namespace bearerd::http {

class Reception {
 public:
  struct Options {
    bool is_tls = false;
    std::chrono::milliseconds patience{2000};  // from the accept on
    std::size_t most_waiting = 256;            // one more, and the longest waiting goes
  };
  // Called on a thread of the reception's own, with all that came still to be read.
  using Receive = std::function<void(const Poco::Net::StreamSocket&)>;

  // Accepts on `listener` until destroyed.
  Reception(const Poco::Net::ServerSocket& listener, Options options, Receive receive);
  ~Reception();
  Reception(const Reception&) = delete;
  Reception& operator=(const Reception&) = delete;

 private:
  struct Waiting {
    Poco::Net::StreamSocket socket;
    std::chrono::steady_clock::time_point end;
  };
  void watch(int fd, std::uint32_t events, std::uint64_t number) const;
  void run();
  void turn();
  [[nodiscard]] int milliseconds_to_wait() const;
  void hear(std::uint64_t number, std::uint32_t events);
  void drop_overdue();
  void accept();

  Poco::Net::ServerSocket listener_;
  const Options options_;
  const Receive receive_;
  std::map<std::uint64_t, Waiting> waiting_;  // by their number, so in the order of their coming
  std::uint64_t next_number_;
  base::FileDescriptor stop_, epoll_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace bearerd::http
