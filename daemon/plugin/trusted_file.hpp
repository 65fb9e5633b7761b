// Reads a file that is about to become code in this process, if nobody but root (or ourselves) could have put it there.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.hpp"

namespace bearerd::plugin {

struct TrustedFile {
  std::string path;  // symbolic links resolved
  std::string bytes;
};

inline constexpr std::size_t kMaxLibraryBytes = 64U << 20U;

// The file and every directory above it belong to uid 0, or to our effective uid when `allow_own_user`, and are not
// writable by group or others. One exception: a sticky directory of root's, such as /tmp, may stand above a trusted
// directory, because there nobody can rename or replace what belongs to another. Symbolic links are resolved first;
// both where the link leads and the directory that holds it are checked. kNotFound only when there is no such file.
[[nodiscard]] base::Result<TrustedFile> read_trusted_file(const std::string& directory, const std::string& file_name,
                                                          bool allow_own_user);

}  // namespace bearerd::plugin
