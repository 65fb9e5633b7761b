// A listening UNIX socket whose file only the right people can open, from the moment it appears.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/result.hpp"

namespace bearerd::http {

struct SocketFileOptions {
  std::string path;
  std::vector<std::string> groups;  // may connect besides the owner
};

struct SocketFile {
  base::FileDescriptor fd;  // not blocking
  std::string path;
  std::vector<std::string>
      unknown_groups;  // of the wanted ones: this system does not have them, so nobody came in by them
  dev_t device = 0;
  ino_t inode = 0;

  // Removes the file, unless a successor has put its own in the same place by now.
  void remove() const noexcept;
};

// Mode 0660. A single group owns the file where we may give it away; otherwise an access list names each of them. A
// socket file that nobody listens on any more is replaced; one that answers, or anything that is no socket, is left
// alone (kDenied).
[[nodiscard]] base::Result<SocketFile> open_socket_file(const SocketFileOptions& options);

// Of a socket file that was made for us (systemd): lets these groups connect besides those that its maker let in.
// Nothing is done where the file is not ours to change; groups that this system does not have are passed over.
[[nodiscard]] base::Result<void> open_to_groups(const std::string& path, const std::vector<std::string>& groups);

}  // namespace bearerd::http
