// Numbers that tell things apart which may follow one another at the same address: what is remembered of one is never
// taken for its successor's.
#pragma once

#include <atomic>
#include <cstdint>

namespace bearerd::base {

// Never the same twice in this process, and never 0.
[[nodiscard]] inline std::uint64_t next_unique() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace bearerd::base
