#include "plugin/private_copies.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "observe/log.hpp"

namespace bearerd::plugin {
namespace {

using base::ErrorCode;
using base::fail;
using base::FileDescriptor;

constexpr const char* kFolder = "/plugins";
constexpr std::string_view kSuffix = ".so";
constexpr std::size_t kDigestSize = 64;

struct CloseList {
  void operator()(DIR* list) const noexcept { ::closedir(list); }
};

tl::unexpected<base::Error> fail_with_errno(const std::string& what) {
  return fail(ErrorCode::kDenied, what + ": " + base::system_error_text(errno));
}

base::Result<FileDescriptor> lock(int directory, const std::string& path) {
  FileDescriptor file(::openat(directory, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return fail_with_errno(path + "/lock");
  while (::flock(file.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return fail_with_errno(path + "/lock");
  }
  return file;
}

base::Result<void> write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_with_errno(path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// NAME-DIGEST.so, else empty.
std::string_view digest_in(std::string_view file_name) {
  if (!file_name.ends_with(kSuffix)) return {};
  file_name.remove_suffix(kSuffix.size());
  if (file_name.size() < kDigestSize + 2 || file_name[file_name.size() - kDigestSize - 1] != '-') return {};
  return file_name.substr(file_name.size() - kDigestSize);
}

}  // namespace

PrivateCopies::PrivateCopies(const std::string& cache_directory, observe::Log* log)
    : directory_(cache_directory + kFolder), parent_(cache_directory), log_(log) {}

base::Result<FileDescriptor> PrivateCopies::open_directory(bool is_created) const {
  if (parent_.empty()) return fail(ErrorCode::kDenied, "there is no cache directory that can be used");
  if (is_created) {
    for (const std::string& path : {parent_, directory_}) {
      if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return fail_with_errno(path);
    }
  }
  struct stat status = {};
  // Whoever may write in the parent could put another directory in place of ours.
  if (::stat(parent_.c_str(), &status) != 0) return fail_with_errno(parent_);
  if ((status.st_uid != ::geteuid() && status.st_uid != 0) || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return fail(ErrorCode::kDenied,
                parent_ + ": must belong to the daemon's user and not be writable by group or others");
  }
  FileDescriptor directory(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory.is_open()) return fail_with_errno(directory_);
  if (::fstat(directory.get(), &status) != 0) return fail_with_errno(directory_);
  if (status.st_uid != ::geteuid() || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(ErrorCode::kDenied, directory_ + ": must belong to the daemon's user, mode 0700");
  }
  return directory;
}

base::Result<PrivateCopies::Copy> PrivateCopies::write(const std::string& name, const std::string& digest,
                                                       std::string_view bytes) const {
  const auto directory = open_directory(true);
  if (!directory) return tl::make_unexpected(directory.error());
  auto held = lock(directory->get(), directory_);
  if (!held) return tl::make_unexpected(held.error());

  const std::string file_name = name + "-" + digest + std::string(kSuffix);
  const std::string path = directory_ + "/" + file_name;
  // Never trust a copy that is there already: it may have been cut short. Unlinking leaves other processes' mappings
  // alone.
  if (::unlinkat(directory->get(), file_name.c_str(), 0) != 0 && errno != ENOENT) return fail_with_errno(path);
  const FileDescriptor file(
      ::openat(directory->get(), file_name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0500));
  if (!file.is_open()) return fail_with_errno(path);
  if (auto written = write_all(file.get(), bytes, path); !written) return tl::make_unexpected(written.error());
  return Copy{path, std::move(*held)};
}

base::Result<void> PrivateCopies::leave_cache(const base::Error& why) {
  auto temporary = std::make_unique<const base::TemporaryDirectory>("bearerd-plugins");
  if (temporary->path().empty()) return fail(why.code, why.text + ", and there is no temporary directory either");
  temporary_ = std::move(temporary);
  parent_ = temporary_->path();
  directory_ = parent_ + kFolder;
  if (log_ == nullptr) return {};
  log_->write(observe::Level::kWarning, "no_cache",
              "private copies of plugins go to a temporary directory, which goes with the process: " + why.text,
              {{"directory", std::string_view(directory_)}});
  return {};
}

base::Result<void> PrivateCopies::make(const std::string& name, const std::string& digest, std::string_view bytes,
                                       const std::function<base::Result<void>(const std::string& path)>& use) {
  auto copy = write(name, digest, bytes);
  if (!copy && temporary_ == nullptr) {
    if (auto left = leave_cache(copy.error()); !left) return left;
    copy = write(name, digest, bytes);
  }
  if (!copy) return tl::make_unexpected(copy.error());
  return use(copy->path);
}

void PrivateCopies::sweep(const std::function<bool(std::string_view digest)>& is_in_use) {
  auto directory = open_directory(false);
  if (!directory) return;
  const auto held = lock(directory->get(), directory_);
  if (!held) return;
  base::FileDescriptor own(::dup(directory->get()));
  if (!own.is_open()) return;
  const std::unique_ptr<DIR, CloseList> list(::fdopendir(own.get()));
  if (!list) return;
  static_cast<void>(own.release());  // the list's to close
  std::vector<std::string> unused;
  while (const dirent* entry = ::readdir(list.get())) {
    const std::string_view digest = digest_in(entry->d_name);
    if (!digest.empty() && !is_in_use(digest)) unused.emplace_back(entry->d_name);
  }
  for (const std::string& file_name : unused) ::unlinkat(directory->get(), file_name.c_str(), 0);
}

}  // namespace bearerd::plugin
