// A directory of our own (0700) for the life of an object.
#pragma once

#include <string>

namespace bearerd::base {

// Below $TMPDIR, else /tmp, where nobody but root and us can put another in its place. Removed with all that is in it;
// trouble with that is passed over.
class TemporaryDirectory {
 public:
  // `prefix` is the start of its name.
  explicit TemporaryDirectory(const std::string& prefix);
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  // Empty: it could not be made.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

}  // namespace bearerd::base
