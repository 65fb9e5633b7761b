// How long an answer says it may be used (RFC 9111 §4.2, §5.2.2, §5.3).
#pragma once

#include <chrono>
#include <string_view>

namespace bearerd::net {

// The header fields, empty when absent; several Cache-Control fields joined by commas.
struct CacheFields {
  std::string_view cache_control, age, expires, date;
};

// max-age less Age; 0 for no-cache, no-store and an unusable Expires; else Expires less Date; negative: nothing was
// said.
[[nodiscard]] std::chrono::seconds freshness_of(const CacheFields& fields);

}  // namespace bearerd::net
