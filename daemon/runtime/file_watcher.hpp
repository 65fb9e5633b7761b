// Tells when files that matter may have changed. inotify sits on their directories (and those of every symlink on the
// way), so that an editor's rename and Kubernetes' swap of ..data are seen; whether something really changed is told by
// the stamps.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "settings/load.hpp"

namespace bearerd::runtime {

using settings::WatchedFile;

// Control thread only.
class FileWatcher {
 public:
  FileWatcher();

  // Replaces what is watched.
  void watch(std::vector<WatchedFile> files);
  [[nodiscard]] std::vector<std::string> paths() const;
  // Watches the directories anew: one of them may have been replaced.
  void renew();
  // Readable when something happened in a watched directory; -1: no inotify, only polling.
  [[nodiscard]] int fd() const noexcept { return inotify_.get(); }
  // Empties the descriptor.
  void drain() noexcept;
  // Whether a file is not as it was read.
  [[nodiscard]] bool has_changed() const;

 private:
  base::FileDescriptor inotify_;
  std::set<int> watches_;
  std::vector<WatchedFile> files_;
};

}  // namespace bearerd::runtime
