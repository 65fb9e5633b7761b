#include "keys/disk_cache.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.hpp"
#include "base/text.hpp"
#include "keys/key_store.hpp"
#include "keys/keyed_hash.hpp"

namespace bearerd::keys {
namespace {

using base::ErrorCode;

bool is_ours_alone(const struct stat& status) noexcept {
  return status.st_uid == ::geteuid() && (status.st_mode & 077U) == 0;
}

// The name only has to differ between sources; what a file serves is in the file. So a fixed hash key does.
std::string file_name(const KeySourceSettings& settings) {
  std::string name;
  for (const char c : settings.provider.substr(0, 64)) {
    const bool is_plain =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    name += is_plain ? c : '_';
  }
  std::string identity;
  for (const std::string* part :
       {&settings.provider, &settings.issuer, &settings.discovery_url, &settings.jwks_url, &settings.ca_file}) {
    identity += std::to_string(part->size()) + ":" + *part;
  }
  std::uint64_t hash = keyed_hash({}, identity);
  std::uint8_t bytes[8];
  for (std::uint8_t& byte : bytes) {
    byte = static_cast<std::uint8_t>(hash);
    hash >>= 8U;
  }
  return name + "-" + base::hex(bytes) + ".keys";
}

}  // namespace

DiskCache::DiskCache(const std::string& cache_directory)
    : folder_(cache_directory.empty() ? "" : cache_directory + "/keys") {}

std::string DiskCache::path_of(const KeySourceSettings& settings) const {
  return folder_.empty() ? "" : folder_ + "/" + file_name(settings);
}

base::Result<void> DiskCache::check_folder() const {
  struct stat status = {};
  if (::lstat(folder_.c_str(), &status) != 0)
    return base::fail(ErrorCode::kNotFound, "cannot examine " + folder_ + ": " + base::system_error_text(errno));
  if (!S_ISDIR(status.st_mode) || !is_ours_alone(status)) {
    return base::fail(ErrorCode::kDenied, folder_ + " is ignored: it must be a directory of our own with mode 0700");
  }
  return {};
}

base::Result<CachedKeySet> DiskCache::load(const KeySourceSettings& settings) const {
  if (folder_.empty()) return base::fail(ErrorCode::kNotFound, "no cache directory");
  if (auto checked = check_folder(); !checked) return tl::make_unexpected(checked.error());
  const std::string path = path_of(settings);
  const auto file = base::read_file(path, kMaxCachedBytes);
  if (!file) return tl::make_unexpected(file.error());
  if (!is_ours_alone(file->status))
    return base::fail(ErrorCode::kDenied, path + " is ignored: it must be our own with mode 0600");
  auto cached = parse_cached_key_set(file->bytes);
  if (!cached) return base::fail(cached.error().code, path + " is ignored: " + cached.error().text);
  if (!cached->serves(settings)) return base::fail(ErrorCode::kInvalid, path + " is ignored: it is of another source");
  return cached;
}

base::Result<void> DiskCache::store(const KeySourceSettings& settings, const CachedKeySet& cached) const {
  if (folder_.empty()) return {};
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) {
    return base::fail(ErrorCode::kDenied, "cannot make " + folder_ + ": " + base::system_error_text(errno));
  }
  if (auto checked = check_folder(); !checked) return checked;
  return base::replace_file(path_of(settings), print(cached), 0600);
}

}  // namespace bearerd::keys
