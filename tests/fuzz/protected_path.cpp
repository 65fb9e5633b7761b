// Whatever is accepted has one spelling: no way up, no doubled slash, and normalising it again changes nothing.
#include "access/protected_path.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using bearerd::access::normalise_path;
  std::string storage;
  const auto once = normalise_path({reinterpret_cast<const char*>(bytes), size}, storage);
  if (!once) return 0;
  const std::string first(*once);
  const auto twice = normalise_path(first, storage);
  if (!twice || *twice != first || first.front() != '/') std::abort();
  for (const char* trick : {"//", "/./", "/../", "?", "#", "\\", "%2E", "%5C", "%00"}) {
    if (first.find(trick) != std::string::npos) std::abort();
  }
  if (first.ends_with("/..") || first.ends_with("/.")) std::abort();
  return 0;
}
