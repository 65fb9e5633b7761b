#include "observe/journal.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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

Journal::Journal(const std::string& path) {
  sockaddr_un address{};
  if (path.empty() || path.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    fd_ = fd;
  } else {
    ::close(fd);
  }
}

Journal::~Journal() {
  if (fd_ >= 0) ::close(fd_);
}

bool Journal::send(std::string_view record) const noexcept {
  return ::send(fd_, record.data(), record.size(), MSG_NOSIGNAL) >= 0;
}

}  // namespace bearerd::observe
