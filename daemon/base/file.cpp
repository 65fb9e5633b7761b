#include "base/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace bearerd::base {
namespace {

ErrorCode code_for(int error) noexcept {
  if (error == ENOENT || error == ENOTDIR) return ErrorCode::kNotFound;
  if (error == EACCES || error == EPERM || error == EROFS || error == ELOOP) return ErrorCode::kDenied;
  return ErrorCode::kInternal;
}

tl::unexpected<Error> fail_with_errno(const std::string& what, const std::string& path, int error) {
  return fail(code_for(error), what + " " + path + ": " + system_error_text(error));
}

bool write_all(int fd, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void sync_directory_of(const std::string& path) noexcept {
  const std::size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const FileDescriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.is_open()) ::fsync(fd.get());
}

}  // namespace

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

FileDescriptor::~FileDescriptor() { reset(); }

int FileDescriptor::release() noexcept { return std::exchange(fd_, -1); }

void FileDescriptor::reset() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

FileStamp stamp_of(const struct stat& status) noexcept {
  constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
  const auto nanoseconds = [](const timespec& time) { return time.tv_sec * kNanosecondsPerSecond + time.tv_nsec; };
  return {status.st_dev, status.st_ino, status.st_size, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

FileStamp stamp_of_path(const std::string& path) noexcept {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 ? stamp_of(status) : FileStamp{};
}

Result<FileContent> read_file(const std::string& path, std::size_t max_bytes) {
  // O_NONBLOCK: a FIFO in the file's place must not hang the reader.
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.is_open()) return fail_with_errno("cannot open", path, errno);
  FileContent content;
  if (::fstat(fd.get(), &content.status) != 0) return fail_with_errno("cannot examine", path, errno);
  if (!S_ISREG(content.status.st_mode)) return fail(ErrorCode::kInvalid, path + " is not a regular file");
  const std::string too_large = path + " is larger than " + std::to_string(max_bytes) + " bytes";
  if (static_cast<std::size_t>(content.status.st_size) > max_bytes) return fail(ErrorCode::kTooLarge, too_large);
  content.bytes.resize(static_cast<std::size_t>(content.status.st_size) + 1);  // one more, to see a file that grows
  std::size_t length = 0;
  for (;;) {
    const ssize_t got = ::read(fd.get(), content.bytes.data() + length, content.bytes.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_with_errno("cannot read", path, errno);
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
    if (length > max_bytes) return fail(ErrorCode::kTooLarge, too_large);
    if (length == content.bytes.size()) content.bytes.resize(length + 4096);
  }
  content.bytes.resize(length);
  return content;
}

Result<void> replace_file(const std::string& path, std::string_view bytes, mode_t mode) {
  std::string temporary = path + ".XXXXXX";
  FileDescriptor fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd.is_open()) return fail_with_errno("cannot create a file beside", path, errno);
  const bool is_written = ::fchmod(fd.get(), mode) == 0 && write_all(fd.get(), bytes) && ::fsync(fd.get()) == 0 &&
                          ::rename(temporary.c_str(), path.c_str()) == 0;
  if (!is_written) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return fail_with_errno("cannot write", path, error);
  }
  sync_directory_of(path);
  return {};
}

std::string system_error_text(int error) { return std::generic_category().message(error); }

}  // namespace bearerd::base
