// Epochs are drawn from one counter, so that no two sources ever share one: a verdict remembered under a source that a
// reload replaced can't be taken for one of its successor.
#pragma once

#include <atomic>
#include <cstdint>

namespace bearerd::keys {

[[nodiscard]] inline std::uint64_t next_epoch() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace bearerd::keys
