#include "base/temporary_directory.hpp"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

namespace bearerd::base {

namespace {

// Others may make files in it, but not rename ours: that is what the sticky bit is for.
bool is_safe(const std::filesystem::path& parent) {
  struct stat status = {};
  if (::stat(parent.c_str(), &status) != 0) return false;
  const bool is_owner_trusted = status.st_uid == 0 || status.st_uid == ::geteuid();
  return is_owner_trusted && ((status.st_mode & (S_IWGRP | S_IWOTH)) == 0 || (status.st_mode & S_ISVTX) != 0);
}

}  // namespace

TemporaryDirectory::TemporaryDirectory(const std::string& prefix) {
  std::error_code trouble;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(trouble);
  if (trouble || !is_safe(parent)) return;
  std::string pattern = (parent / (prefix + "-XXXXXX")).string();
  if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace bearerd::base
