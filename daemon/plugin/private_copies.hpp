// Private copies of libraries. A file that is mapped as code must not change under the process (overwriting it kills
// the process), and the dynamic loader gives back old code for a path that it has open: so each content gets a path of
// its own.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/file.hpp"
#include "base/result.hpp"

namespace bearerd::plugin {

// <cache_directory>/plugins, 0700 and ours. Other processes of ours may use it at the same time (bearerd --check): a
// lock file keeps their copying and sweeping apart.
class PrivateCopies {
 public:
  explicit PrivateCopies(const std::string& cache_directory)
      : directory_(cache_directory + "/plugins"), parent_(cache_directory) {}

  // Writes `bytes` anew as NAME-DIGEST.so (0500), then calls `use` with its path before anybody can sweep it.
  [[nodiscard]] base::Result<void> make(const std::string& name, const std::string& digest, std::string_view bytes,
                                        const std::function<base::Result<void>(const std::string& path)>& use);
  // Removes the copies whose digest is not in use. Trouble is left for the next sweep.
  void sweep(const std::function<bool(std::string_view digest)>& is_in_use);

 private:
  [[nodiscard]] base::Result<base::FileDescriptor> open_directory(bool is_created);
  std::string directory_, parent_;
};

}  // namespace bearerd::plugin
