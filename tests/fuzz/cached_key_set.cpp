#include "keys/cached_key_set.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

// What is taken is exactly what would be printed: no file has two readings.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto cached = bearerd::keys::parse_cached_key_set(bytes);
  if (cached && bearerd::keys::print(*cached) != bytes) std::abort();
  return 0;
}
