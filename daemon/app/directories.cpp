#include "app/directories.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/file.hpp"

namespace bearerd::app {

Environment read_environment(char** environment) {
  Environment values;
  for (; *environment != nullptr; ++environment) {
    const std::string_view entry = *environment;
    const std::size_t equals = entry.find('=');
    if (equals != std::string_view::npos) values.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return values;
}

std::string cache_directory(const Environment& environment) {
  const auto found = environment.find("CACHE_DIRECTORY");
  if (found == environment.end() || found->second.empty()) return "/var/cache/bearerd";
  return found->second.substr(0, found->second.find(':'));
}

std::string absolute_name(const std::string& file) {
  const std::filesystem::path full = std::filesystem::absolute(file);
  const std::filesystem::path plain = full.lexically_normal();
  std::error_code error;
  // Past a symbolic link ".." leads elsewhere than it says.
  return std::filesystem::equivalent(full, plain, error) ? plain : full;
}

base::Result<void> make_private_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return base::fail(base::ErrorCode::kDenied, "cannot make " + path + ": " + base::system_error_text(errno));
  }
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
    return base::fail(base::ErrorCode::kInvalid, path + " is not a directory");
  }
  if (status.st_uid != ::geteuid()) return base::fail(base::ErrorCode::kDenied, path + " belongs to another user");
  if ((status.st_mode & 077U) != 0) {
    return base::fail(base::ErrorCode::kDenied, path + " is open to others; run: chmod 700 " + path);
  }
  return {};
}

}  // namespace bearerd::app
