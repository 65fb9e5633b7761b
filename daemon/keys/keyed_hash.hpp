// SipHash-2-4 (Aumasson, Bernstein 2012): short names to 64 bits that nobody without the key can collide.
#pragma once

#include <cstdint>
#include <string_view>

namespace bearerd::keys {

struct HashKey {
  std::uint64_t first = 0, second = 0;
  [[nodiscard]] static HashKey random();
};

[[nodiscard]] std::uint64_t keyed_hash(const HashKey& key, std::string_view bytes) noexcept;

}  // namespace bearerd::keys
