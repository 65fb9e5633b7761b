// A server on loopback that says, byte for byte, what a test wants to hear.
#pragma once

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "integration/keys/certificate.hpp"

namespace bearerd::test {

[[nodiscard]] inline std::string http_answer(int status, const std::string& body, const std::string& headers = "") {
  return "HTTP/1.1 " + std::to_string(status) + " Status\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// One connection at a time, in a thread of its own. The handler gets the request target and writes the answer.
class FakeServer {
 public:
  using Handler = std::function<void(const std::string& target, Poco::Net::StreamSocket& client)>;

  explicit FakeServer(Handler handler) : FakeServer(Poco::Net::ServerSocket(loopback()), "http", std::move(handler)) {}
  FakeServer(const CertificateFiles& files, Handler handler)
      : FakeServer(Poco::Net::SecureServerSocket(loopback(), 16, context(files)), "https", std::move(handler)) {}
  ~FakeServer() {
    is_stopping_ = true;
    thread_.join();
  }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  [[nodiscard]] std::string url(const std::string& target, const std::string& host = "localhost") const {
    return scheme_ + "://" + host + ":" + std::to_string(socket_.address().port()) + target;
  }
  [[nodiscard]] int requests() const { return requests_; }
  [[nodiscard]] bool is_stopping() const { return is_stopping_; }

 private:
  FakeServer(const Poco::Net::ServerSocket& socket, std::string scheme, Handler handler)
      : scheme_(std::move(scheme)), handler_(std::move(handler)), socket_(socket), thread_([this] { run(); }) {}
  static Poco::Net::SocketAddress loopback() { return {"127.0.0.1", 0}; }
  static Poco::Net::Context::Ptr context(const CertificateFiles& files) {
    return new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, files.key, files.certificate, "",
                                  Poco::Net::Context::VERIFY_NONE);
  }

  void run() {
    while (!is_stopping_) {
      if (!socket_.poll(Poco::Timespan(0, 20'000), Poco::Net::Socket::SELECT_READ)) continue;
      try {
        Poco::Net::StreamSocket client = socket_.acceptConnection();
        serve(client);
      } catch (const Poco::Exception&) {
        // The client went away, as several tests want it to.
      }
    }
  }
  void serve(Poco::Net::StreamSocket& client) {
    client.setReceiveTimeout(Poco::Timespan(2, 0));
    std::string request;
    char buffer[1024];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const int got = client.receiveBytes(buffer, sizeof buffer);
      if (got <= 0) return;
      request.append(buffer, static_cast<std::size_t>(got));
    }
    ++requests_;
    const std::size_t start = request.find(' ') + 1;
    handler_(request.substr(start, request.find(' ', start) - start), client);
  }

  std::string scheme_;
  Handler handler_;
  Poco::Net::ServerSocket socket_;
  std::atomic<bool> is_stopping_{false};
  std::atomic<int> requests_{0};
  std::thread thread_;
};

inline void send(Poco::Net::StreamSocket& client, const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    const int one = client.sendBytes(text.data() + sent, static_cast<int>(text.size() - sent));
    if (one <= 0) return;
    sent += static_cast<std::size_t>(one);
  }
}

}  // namespace bearerd::test
