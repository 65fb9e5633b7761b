// A last good key set as it is kept on disk: what it serves, when it was fetched, and the documents as they were
// received.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bearerd::keys {

struct KeySourceSettings;

struct CachedKeySet {
  std::string issuer, discovery_url, jwks_url, ca_file,
      ca_digest;                // of the settings it was fetched for; it serves exactly these
  std::int64_t fetched_at = 0;  // seconds since 1970 by the system's clock
  std::string discovery;        // empty: no discovery was used
  std::string key_set;

  [[nodiscard]] bool serves(const KeySourceSettings& settings) const;
  friend bool operator==(const CachedKeySet&, const CachedKeySet&) = default;
};

inline constexpr std::size_t kMaxCachedBytes = 2U << 20U;

// A first line with the format's version, then each field as "name length\nbytes\n" in a fixed order: nothing has to be
// escaped.
[[nodiscard]] std::string print(const CachedKeySet& cached);
// Takes exactly what print() writes. The documents inside are not looked into. kInvalid, kTooLarge.
[[nodiscard]] base::Result<CachedKeySet> parse_cached_key_set(std::string_view bytes);

}  // namespace bearerd::keys
