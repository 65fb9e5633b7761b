// A daemon that gives one prepared answer, and bearerctl's commands beside it.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/file.hpp"
#include "ctl/commands.hpp"

namespace bearerd::ctl::tests {

// Remembers the question.
class OneAnswer {
 public:
  OneAnswer(const std::string& path, int status, const std::string& body) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    ::unlink(path.c_str());  // of the one before
    listener_ = base::FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_.get(), 1), 0);
    answer_ =
        "HTTP/1.1 " + std::to_string(status) +
        " X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body;
    thread_ = std::jthread([this] { serve(); });
  }
  [[nodiscard]] std::string question() {
    if (thread_.joinable()) thread_.join();
    return question_;
  }

 private:
  void serve() {
    pollfd waiting{listener_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, 5000) <= 0) return;
    const base::FileDescriptor connection(::accept(listener_.get(), nullptr, nullptr));
    listener_ = base::FileDescriptor();  // whoever asks again is refused, and does not wait
    std::array<char, 4096> buffer{};
    // All of it: a connection that is closed with something unread is reset, and the answer lost.
    for (ssize_t count = 1; count > 0 && !is_whole();) {
      count = ::recv(connection.get(), buffer.data(), buffer.size(), 0);
      question_.append(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    static_cast<void>(::send(connection.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL));
  }
  [[nodiscard]] bool is_whole() const {
    constexpr std::string_view kLength = "Content-Length: ";
    const std::size_t end = question_.find("\r\n\r\n"), length = question_.find(kLength);
    if (end == std::string::npos || length == std::string::npos) return end != std::string::npos;
    return question_.size() >= end + 4 + std::stoul(question_.substr(length + kLength.size()));
  }

  base::FileDescriptor listener_;
  std::string answer_, question_;
  std::jthread thread_;
};

class CommandTest : public testing::Test {
 protected:
  CommandTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bearerctl-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    path_ = directory_ + "/admin.sock";
  }
  ~CommandTest() override { std::filesystem::remove_all(directory_); }
  int call(std::vector<std::string_view> words) { return run(words, path_, output_); }

  std::string directory_, path_;
  std::ostringstream out_, err_;
  Output output_{out_, err_, {}};
};

}  // namespace bearerd::ctl::tests
