// The folder of last good key sets, so that a restart while an issuer is down goes on verifying.
#pragma once

#include <string>

#include "base/result.hpp"
#include "keys/cached_key_set.hpp"

namespace bearerd::keys {

// Keeps one file per source in `<directory>/keys` (0700, files 0600). Whoever can write there can make tokens: folder
// and files count only when they are ours and nobody else may touch them. Any thread; two writers of one source: the
// last wins.
class DiskCache {
 public:
  // Empty: nothing is kept.
  explicit DiskCache(const std::string& cache_directory);

  // kNotFound: nothing is kept for this source. kDenied: owner or mode is wrong. kInvalid, kTooLarge: no such content.
  // The text says what is ignored and why.
  [[nodiscard]] base::Result<CachedKeySet> load(const KeySourceSettings& settings) const;
  [[nodiscard]] base::Result<void> store(const KeySourceSettings& settings, const CachedKeySet& cached) const;

  // Where the copy of this source is; empty when nothing is kept.
  [[nodiscard]] std::string path_of(const KeySourceSettings& settings) const;

 private:
  [[nodiscard]] base::Result<void> check_folder() const;
  std::string folder_;
};

}  // namespace bearerd::keys
