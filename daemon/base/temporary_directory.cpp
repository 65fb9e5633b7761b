#include "base/temporary_directory.hpp"

#include <stdlib.h>

#include <filesystem>
#include <system_error>

namespace bearerd::base {

TemporaryDirectory::TemporaryDirectory(const std::string& prefix) {
  std::error_code trouble;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(trouble);
  if (trouble) return;
  std::string pattern = (parent / (prefix + "-XXXXXX")).string();
  if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace bearerd::base
