#include "runtime/file_watcher.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <set>

namespace bearerd::runtime {
namespace {

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The directory of the file, and of every symlink that stands between it and the bytes: of the file itself and of each
// directory above it.
void add_directories(std::string path, std::set<std::string>& directories) {
  constexpr int kMaxLinks = 16;
  for (int links = 0; links < kMaxLinks; ++links) {
    directories.insert(directory_of(path));
    directories.insert(directory_of(directory_of(path)));  // tells when the directory itself is replaced
    // The first component that is a link is followed, then the walk starts again from where it leads.
    std::size_t end = path.find('/', 1);
    for (;; end = path.find('/', end + 1)) {
      const std::string part = path.substr(0, end);
      std::array<char, PATH_MAX> target{};
      const ssize_t length = ::readlink(part.c_str(), target.data(), target.size());
      if (length > 0 && static_cast<std::size_t>(length) < target.size()) {
        const std::string leads_to(target.data(), static_cast<std::size_t>(length));
        const std::string rest = end == std::string::npos ? "" : path.substr(end);
        directories.insert(directory_of(part));
        path = (leads_to.front() == '/' ? leads_to : directory_of(part) + "/" + leads_to) + rest;
        break;
      }
      if (end == std::string::npos) return;
    }
  }
}

}  // namespace

FileWatcher::FileWatcher() : inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

void FileWatcher::watch(std::vector<WatchedFile> files) {
  files_ = std::move(files);
  renew();
}

std::vector<std::string> FileWatcher::paths() const {
  std::vector<std::string> paths;
  paths.reserve(files_.size());
  for (const WatchedFile& file : files_) paths.push_back(file.path);
  return paths;
}

void FileWatcher::renew() {
  if (!inotify_.is_open()) return;
  std::set<std::string> directories;
  for (const WatchedFile& file : files_) add_directories(file.path, directories);
  std::set<int> watches;
  for (const std::string& directory : directories) {
    const int watch = ::inotify_add_watch(inotify_.get(), directory.c_str(),
                                          IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE |
                                              IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF);
    if (watch >= 0) watches.insert(watch);
  }
  // Adding an existing watch gives its number again, so only those that are no longer wanted go.
  for (const int old : watches_) {
    if (!watches.contains(old)) ::inotify_rm_watch(inotify_.get(), old);
  }
  watches_ = std::move(watches);
}

void FileWatcher::drain() noexcept {
  alignas(inotify_event) std::array<char, 4096> events{};
  while (::read(inotify_.get(), events.data(), events.size()) > 0) {
  }
}

bool FileWatcher::has_changed() const {
  return std::any_of(files_.begin(), files_.end(),
                     [](const WatchedFile& file) { return base::stamp_of_path(file.path) != file.stamp; });
}

}  // namespace bearerd::runtime
