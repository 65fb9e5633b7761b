// Tells when files that matter may have changed. inotify sits on their directories (and those of every symlink on the
// way), so that an editor's rename and Kubernetes' swap of ..data are seen; whether something really changed is told by
// the stamps.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.hpp"

namespace bearerd::runtime {

// What stat(2) says of a file, through symlinks; all zero when it is not there.
struct FileStamp {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

// Control thread only.
class FileWatcher {
 public:
  FileWatcher();

  // Replaces what is watched and takes the stamps anew.
  void watch(std::vector<std::string> files);
  // Readable when something happened in a watched directory; -1: no inotify, only polling.
  [[nodiscard]] int fd() const noexcept { return inotify_.get(); }
  // Empties the descriptor.
  void drain() noexcept;
  // Whether a stamp differs from those that watch() took.
  [[nodiscard]] bool has_changed() const;

 private:
  base::FileDescriptor inotify_;
  std::vector<int> watches_;
  std::vector<std::string> files_;
  std::vector<FileStamp> stamps_;
};

}  // namespace bearerd::runtime
