#include "runtime/file_watcher.hpp"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <set>

namespace bearerd::runtime {
namespace {

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

FileStamp stamp_of(const std::string& file) {
  struct stat status = {};
  if (::stat(file.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino, status.st_size, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

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

void FileWatcher::watch(std::vector<std::string> files) {
  std::set<std::string> directories;
  for (const std::string& file : files) add_directories(file, directories);
  if (inotify_.is_open()) {
    std::vector<int> watches;
    for (const std::string& directory : directories) {
      const int watch =
          ::inotify_add_watch(inotify_.get(), directory.c_str(),
                              IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB);
      if (watch >= 0) watches.push_back(watch);
    }
    // Adding an existing watch gives its number again, so only those that are no longer wanted go.
    const std::set<int> wanted(watches.begin(), watches.end());
    for (const int old : watches_) {
      if (!wanted.contains(old)) ::inotify_rm_watch(inotify_.get(), old);
    }
    watches_ = std::move(watches);
  }
  stamps_.clear();
  for (const std::string& file : files) stamps_.push_back(stamp_of(file));
  files_ = std::move(files);
}

void FileWatcher::drain() noexcept {
  alignas(inotify_event) std::array<char, 4096> events{};
  while (::read(inotify_.get(), events.data(), events.size()) > 0) {
  }
}

bool FileWatcher::has_changed() const {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    if (stamp_of(files_[i]) != stamps_[i]) return true;
  }
  return false;
}

}  // namespace bearerd::runtime
