// FNV-1a, 64 bits: a cheap hash for what is looked up among things that no stranger adds to. Never a keyed hash.
#pragma once

#include <cstdint>

namespace bearerd::base {

inline constexpr std::uint64_t kFnvStart = 0xcbf29ce484222325;

// With one byte more.
[[nodiscard]] constexpr std::uint64_t fnv_on(std::uint64_t hash, char byte) noexcept {
  return (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
}

}  // namespace bearerd::base
