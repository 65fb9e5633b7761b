// Files as the daemon reads and keeps them: bounded, with their owner and mode known, replaced whole or not at all.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bearerd::base {

// Owns a file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) noexcept : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept;
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor();

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
  [[nodiscard]] int release() noexcept;
  void reset() noexcept;

 private:
  int fd_ = -1;
};

struct FileContent {
  std::string bytes;
  struct stat status = {};  // of the very descriptor that was read
};

// What tells one state of a file from another; all zero when it is not there.
struct FileStamp {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
[[nodiscard]] FileStamp stamp_of(const struct stat& status) noexcept;
[[nodiscard]] FileStamp stamp_of_path(const std::string& path) noexcept;  // through symlinks

// Reads a regular file through one descriptor. kNotFound, kDenied, kTooLarge (more than `max_bytes`), kInvalid (no
// regular file). The text names the path and the system's reason.
[[nodiscard]] Result<FileContent> read_file(const std::string& path, std::size_t max_bytes);

// Writes beside `path`, syncs, renames over it; on any failure the old file is untouched.
[[nodiscard]] Result<void> replace_file(const std::string& path, std::string_view bytes, mode_t mode);

// "no such file or directory" and the like, for error texts; thread-safe.
[[nodiscard]] std::string system_error_text(int error);

}  // namespace bearerd::base
