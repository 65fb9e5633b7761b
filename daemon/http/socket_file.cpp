#include "http/socket_file.hpp"

#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "http/groups.hpp"
#include "http/listening_socket.hpp"

namespace bearerd::http {
namespace {

constexpr mode_t kOwnMode = 0600;
constexpr mode_t kMode = 0660;

tl::unexpected<base::Error> trouble(const std::string& what, const std::string& path) {
  return base::fail(base::ErrorCode::kUnavailable, what + " unix:" + path + ": " + base::system_error_text(errno));
}

std::optional<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) return std::nullopt;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

const sockaddr* as_sockaddr(const sockaddr_un& address) noexcept { return reinterpret_cast<const sockaddr*>(&address); }

bool is_answered(const sockaddr_un& address) {
  const base::FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!probe.is_open()) return true;  // unknown: not ours to take
  if (::connect(probe.get(), as_sockaddr(address), sizeof address) == 0) return true;
  return errno != ECONNREFUSED;
}

// A daemon that was killed leaves its file behind. Two daemons at one path must not steal it from each other.
base::Result<void> clear_way(const std::string& path, const sockaddr_un& address) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return {};
  if (!S_ISSOCK(status.st_mode)) {
    return base::fail(base::ErrorCode::kDenied,
                      "cannot listen on unix:" + path + ": there is something that is no socket");
  }
  if (is_answered(address)) {
    return base::fail(base::ErrorCode::kDenied, "cannot listen on unix:" + path + ": another process listens there");
  }
  if (::unlink(path.c_str()) != 0) return trouble("cannot replace", path);
  return {};
}

// The value of system.posix_acl_access, as the kernel's posix_acl_xattr.h lays it out: entries by tag, then by id.
std::vector<char> access_list(std::vector<gid_t> groups) {
  std::ranges::sort(groups);
  std::vector<posix_acl_xattr_entry> entries;
  const auto add = [&entries](int tag, unsigned id) {
    entries.push_back({static_cast<__le16>(tag), static_cast<__le16>(tag == ACL_OTHER ? 0 : ACL_READ | ACL_WRITE), id});
  };
  const auto nobody = static_cast<unsigned>(ACL_UNDEFINED_ID);
  add(ACL_USER_OBJ, nobody);
  add(ACL_GROUP_OBJ, nobody);
  for (const gid_t group : groups) add(ACL_GROUP, group);
  add(ACL_MASK, nobody);
  add(ACL_OTHER, nobody);
  const posix_acl_xattr_header header{POSIX_ACL_XATTR_VERSION};
  const std::size_t entry_bytes = entries.size() * sizeof entries.front();
  std::vector<char> bytes(sizeof header + entry_bytes);
  std::memcpy(bytes.data(), &header, sizeof header);
  std::memcpy(bytes.data() + sizeof header, entries.data(), entry_bytes);
  return bytes;
}

// A file has one group, and only a member may give it away; in an access list an owner may name any.
base::Result<void> let_in(const std::string& path, std::vector<gid_t> groups) {
  if (groups.empty()) return {};
  if (groups.size() == 1 && ::lchown(path.c_str(), static_cast<uid_t>(-1), groups.front()) == 0) return {};
  const std::vector<char> list = access_list(std::move(groups));
  const bool is_set = ::setxattr(path.c_str(), "system.posix_acl_access", list.data(), list.size(), 0) == 0;
  // Without access lists only the owner and root come in: closed, not open.
  if (is_set || errno == ENOTSUP) return {};
  return trouble("cannot set the access list of", path);
}

std::vector<gid_t> known_groups(const std::vector<std::string>& names, std::vector<std::string>& unknown) {
  std::vector<gid_t> groups;
  for (const std::string& name : names) {
    if (const auto group = find_group(name)) {
      groups.push_back(*group);
    } else {
      unknown.push_back(name);
    }
  }
  return groups;
}

}  // namespace

void SocketFile::remove() const noexcept {
  struct stat status{};
  const bool is_ours = ::lstat(path.c_str(), &status) == 0 && status.st_dev == device && status.st_ino == inode;
  if (is_ours) ::unlink(path.c_str());
}

base::Result<SocketFile> open_socket_file(const SocketFileOptions& options) {
  const auto address = address_of(options.path);
  if (!address)
    return base::fail(base::ErrorCode::kInvalid, "cannot listen on unix:" + options.path + ": the path is too long");
  if (auto cleared = clear_way(options.path, *address); !cleared) return tl::make_unexpected(cleared.error());
  SocketFile file;
  file.path = options.path;
  file.fd = base::FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!file.fd.is_open()) return trouble("cannot make a socket for", file.path);
  // The file takes the descriptor's mode (less the umask) when bind() makes it, so there is no moment at which more
  // than the owner may open it.
  if (::fchmod(file.fd.get(), kOwnMode) != 0) return trouble("cannot set the mode of", file.path);
  if (::bind(file.fd.get(), as_sockaddr(*address), sizeof *address) != 0) return trouble("cannot listen on", file.path);
  struct stat status{};
  if (::lstat(file.path.c_str(), &status) != 0) return trouble("cannot look at", file.path);
  file.device = status.st_dev;
  file.inode = status.st_ino;
  if (auto let = let_in(file.path, known_groups(options.groups, file.unknown_groups)); !let)
    return tl::make_unexpected(let.error());
  if (::chmod(file.path.c_str(), kMode) != 0) return trouble("cannot set the mode of", file.path);
  if (::listen(file.fd.get(), kListenBacklog) != 0) return trouble("cannot listen on", file.path);
  return file;
}

base::Result<void> open_to_groups(const std::string& path, const std::vector<std::string>& groups) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return trouble("cannot look at", path);
  if (status.st_uid != ::geteuid()) return {};
  std::vector<std::string> unknown;
  return let_in(path, known_groups(groups, unknown));
}

}  // namespace bearerd::http
