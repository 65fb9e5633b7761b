// A listening UNIX socket whose file only the right people can open, from the moment it appears.
#pragma once

#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/result.hpp"

namespace bearerd::http {

struct SocketFile {
  std::string path;
  std::vector<std::string> groups;  // may connect besides the owner; those that do not exist are passed over
  int backlog = 64;
};

// Mode 0660, an access list entry for each of `groups`. A socket file that nobody listens on any more is replaced; one
// that answers, or anything that is no socket, is left alone (kDenied).
[[nodiscard]] base::Result<base::FileDescriptor> open_socket_file(const SocketFile& file);

}  // namespace bearerd::http
