#include "plugin/trusted_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <vector>

#include "base/file.hpp"

namespace bearerd::plugin {
namespace {

using base::ErrorCode;
using base::fail;
using base::FileDescriptor;

base::Result<std::string> resolve(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  if (real) return std::string(real.get());
  const int error = errno;
  const ErrorCode code = error == ENOENT || error == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kDenied;
  return fail(code, path + ": " + base::system_error_text(error));
}

std::vector<std::string> components(const std::string& path) {
  std::vector<std::string> names;
  std::size_t begin = 1;
  while (begin < path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    names.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

bool is_trusted_owner(const struct stat& status, bool allow_own_user) {
  return status.st_uid == 0 || (allow_own_user && status.st_uid == ::geteuid());
}

bool is_writable_by_others(const struct stat& status) { return (status.st_mode & (S_IWGRP | S_IWOTH)) != 0; }

base::Result<void> check_entry(const struct stat& status, const std::string& path, bool allow_own_user,
                               bool allow_sticky) {
  if (!is_trusted_owner(status, allow_own_user)) {
    return fail(ErrorCode::kDenied, path + ": belongs to uid " + std::to_string(status.st_uid) +
                                        ", must belong to root" + (allow_own_user ? " or to the daemon's user" : ""));
  }
  const bool is_sticky = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0 && status.st_uid == 0;
  if (is_writable_by_others(status) && !(is_sticky && allow_sticky)) {
    return fail(ErrorCode::kDenied, path + ": must not be writable by group or others");
  }
  return {};
}

base::Result<struct stat> status_of(int fd, const std::string& path) {
  struct stat status = {};
  if (::fstat(fd, &status) != 0) return fail(ErrorCode::kDenied, path + ": " + base::system_error_text(errno));
  return status;
}

// Opens each component from its parent's descriptor and looks at what was opened, so that nothing can be swapped
// between the look and the use. `path` is absolute and resolved: a link met here was put there just now, and is
// refused.
base::Result<FileDescriptor> walk(const std::string& path, bool is_directory, bool allow_own_user) {
  const std::vector<std::string> names = components(path);
  FileDescriptor current(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  std::string walked = "/";
  for (std::size_t i = 0; i <= names.size(); ++i) {
    if (!current.is_open()) return fail(ErrorCode::kDenied, walked + ": " + base::system_error_text(errno));
    const auto status = status_of(current.get(), walked);
    if (!status) return tl::make_unexpected(status.error());
    // The directory that holds the file itself gets no exception: others could add a file, or a link, of this name.
    const std::size_t left = names.size() - i;
    const auto checked = check_entry(*status, walked, allow_own_user, left > (is_directory ? 0U : 1U));
    if (!checked) return tl::make_unexpected(checked.error());
    if (left == 0) break;
    const bool is_last_file = left == 1 && !is_directory;
    const int flags = is_last_file ? O_RDONLY | O_NONBLOCK : O_PATH | O_DIRECTORY;
    current = FileDescriptor(::openat(current.get(), names[i].c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
    walked += (i == 0 ? "" : "/") + names[i];
  }
  return current;
}

base::Result<std::string> read_all(int fd, const std::string& path) {
  const auto status = status_of(fd, path);
  if (!status) return tl::make_unexpected(status.error());
  if (!S_ISREG(status->st_mode)) return fail(ErrorCode::kDenied, path + ": is no regular file");
  std::string bytes;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(ErrorCode::kDenied, path + ": " + base::system_error_text(errno));
    if (got == 0) return bytes;
    bytes.append(buffer.data(), static_cast<std::size_t>(got));
    if (bytes.size() > kMaxLibraryBytes) return fail(ErrorCode::kTooLarge, path + ": larger than 64 MiB");
  }
}

}  // namespace

base::Result<TrustedFile> read_trusted_file(const std::string& directory, const std::string& file_name,
                                            bool allow_own_user) {
  const auto real_directory = resolve(directory);
  if (!real_directory) return tl::make_unexpected(real_directory.error());
  const auto real_file = resolve(*real_directory + "/" + file_name);
  if (!real_file) return tl::make_unexpected(real_file.error());
  if (const auto holder = walk(*real_directory, true, allow_own_user); !holder)
    return tl::make_unexpected(holder.error());
  const auto file = walk(*real_file, false, allow_own_user);
  if (!file) return tl::make_unexpected(file.error());
  auto bytes = read_all(file->get(), *real_file);
  if (!bytes) return tl::make_unexpected(bytes.error());
  return TrustedFile{*real_file, std::move(*bytes)};
}

}  // namespace bearerd::plugin
