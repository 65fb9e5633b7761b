#include "observe/journal.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace bearerd::observe {

void append_journal_field(std::string& record, std::string_view name, std::string_view value) {
  record += name;
  record += '\n';
  for (std::uint64_t size = value.size(), i = 0; i < sizeof size; ++i, size >>= 8U)
    record += static_cast<char>(size & 0xFFU);
  record += value;
  record += '\n';
}

Journal::Journal(const std::string& path) : path_(path) {
  if (path.empty()) return;
  fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd_ < 0 || connect()) return;
  ::close(fd_);
  fd_ = -1;
}

Journal::~Journal() {
  if (fd_ >= 0) ::close(fd_);
}

bool Journal::connect() const noexcept {
  sockaddr_un address{};
  if (path_.size() >= sizeof address.sun_path) return false;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
  return ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool Journal::send(std::string_view record) noexcept {
  const auto send_once = [&] { return ::send(fd_, record.data(), record.size(), MSG_NOSIGNAL) >= 0; };
  if (send_once()) return true;
  const bool is_gone = errno == ECONNREFUSED || errno == ENOTCONN || errno == ECONNRESET;
  return is_gone && connect() && send_once();
}

}  // namespace bearerd::observe
