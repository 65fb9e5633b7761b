// Private copies of libraries. A file that is mapped as code must not change under the process (overwriting it kills
// the process), and the dynamic loader gives back old code for a path that it has open: so each content gets a path of
// its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/file.hpp"
#include "base/result.hpp"
#include "base/temporary_directory.hpp"

namespace bearerd::observe {
class Log;
}

namespace bearerd::plugin {

// In <cache_directory>/plugins, 0700 and ours; where that can't be used, in a temporary directory from then on, which
// is said in the log. Other processes of ours may use the cache at the same time: a lock file keeps their copying and
// sweeping apart.
class PrivateCopies {
 public:
  // `cache_directory` may be empty: there is none that can be used. `log` may be null.
  PrivateCopies(const std::string& cache_directory, observe::Log* log);

  // Writes `bytes` anew as NAME-DIGEST.so (0500), then calls `use` with its path before anybody can sweep it.
  [[nodiscard]] base::Result<void> make(const std::string& name, const std::string& digest, std::string_view bytes,
                                        const std::function<base::Result<void>(const std::string& path)>& use);
  // Removes the copies whose digest is not in use. Trouble is left for the next sweep.
  void sweep(const std::function<bool(std::string_view digest)>& is_in_use);

 private:
  struct Copy {
    std::string path;
    base::FileDescriptor lock;  // as long as this is held, nobody sweeps
  };
  [[nodiscard]] base::Result<Copy> write(const std::string& name, const std::string& digest,
                                         std::string_view bytes) const;
  [[nodiscard]] base::Result<base::FileDescriptor> open_directory(bool is_created) const;
  [[nodiscard]] base::Result<void> leave_cache(const base::Error& why);

  std::string directory_, parent_;
  observe::Log* log_;
  std::unique_ptr<const base::TemporaryDirectory> temporary_;  // null: parent_ is the cache
};

}  // namespace bearerd::plugin
