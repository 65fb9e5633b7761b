// Where connections wait until they say something: who is silent holds a place here, and no thread of a server's.
#pragma once

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <poll.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/file.hpp"

namespace bearerd::http {

class Reception {
 public:
  struct Options {
    std::chrono::milliseconds patience{2000};  // with who is silent
    std::size_t most_silent = 256;             // one more, and the longest silent goes
  };
  // Called on a thread of the reception's own.
  using Receive = std::function<void(const Poco::Net::StreamSocket&)>;

  // Accepts on `listener` until destroyed.
  Reception(const Poco::Net::ServerSocket& listener, Options options, Receive receive);
  ~Reception();
  Reception(const Reception&) = delete;
  Reception& operator=(const Reception&) = delete;

 private:
  struct Silent {
    Poco::Net::StreamSocket socket;
    std::chrono::steady_clock::time_point end;
  };
  void run();
  void turn();
  [[nodiscard]] std::vector<pollfd> waits() const;
  [[nodiscard]] int milliseconds_to_wait() const;
  void hand_on(const std::vector<pollfd>& waits);
  void drop_overdue();
  void accept();

  Poco::Net::ServerSocket listener_;
  const Options options_;
  const Receive receive_;
  std::deque<Silent> silent_;  // in the order of their coming
  base::FileDescriptor stop_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace bearerd::http
