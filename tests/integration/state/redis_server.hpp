// A real redis-server of one test's own, on a UNIX socket, that can be killed, stopped and started again.
#pragma once

#include <Poco/Net/SocketAddress.h>
#include <Poco/Redis/Array.h>
#include <Poco/Redis/Client.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "settings/settings.hpp"
#include "state/redis_connection.hpp"
#include "support/temporary_folder.hpp"

namespace bearerd::state {

class RedisServer {
 public:
  RedisServer() { start(); }
  ~RedisServer() { kill(); }
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  [[nodiscard]] static bool is_installed() { return std::filesystem::exists(kProgram); }
  [[nodiscard]] settings::Redis settings() const {
    settings::Redis redis;
    redis.address = "unix:" + socket();
    redis.deadline = std::chrono::milliseconds(2000);  // a loaded machine is no failure
    return redis;
  }

  void start() {
    child_ = ::fork();
    if (child_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::execl(kProgram, kProgram, "--port", "0", "--unixsocket", socket().c_str(), "--save", "", "--appendonly", "no",
              "--dir", folder_.path().c_str(), "--logfile", "redis.log", "--daemonize", "no", nullptr);
      ::_exit(127);
    }
    RedisConnection connection(settings());
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!connection.ping() && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  void kill() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = -1;
  }
  // It hears, and answers nothing.
  void freeze() const { ::kill(child_, SIGSTOP); }
  void thaw() const { ::kill(child_, SIGCONT); }

  // As nobody of ours would: what the arguments say.
  void command(const std::vector<std::string>& arguments) const {
    Poco::Redis::Client client;
    client.connect(Poco::Net::SocketAddress(Poco::Net::SocketAddress::UNIX_LOCAL, socket()));
    Poco::Redis::Array array;
    for (const std::string& argument : arguments) array.add(argument);
    const auto reply = client.sendCommand(array);
    if (reply->isError()) throw std::runtime_error(reply->toString());
  }

 private:
  static constexpr const char* kProgram = "/usr/bin/redis-server";
  [[nodiscard]] std::string socket() const { return folder_.path() + "/redis.sock"; }

  test::TemporaryFolder folder_;
  pid_t child_ = -1;
};

}  // namespace bearerd::state
