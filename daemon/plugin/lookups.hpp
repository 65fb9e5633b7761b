// The host's side of bearerd_lookups: a bearerd_object is a jose::Claims.
#pragma once

#include <cstdint>
#include <string_view>

#include "bearerd/plugin_abi.h"
#include "jose/claims.hpp"

namespace bearerd::plugin {

// Lives as long as the program. Every function is total: a null or an empty path where one is needed finds nothing.
[[nodiscard]] const bearerd_lookups& lookups() noexcept;

// Over one call into a plugin. A look-up that can't be answered (no memory, a path of too many names, nested too
// deeply) reads as missing on the other side; what the plugin made of that is not to count.
class LookupWatch {
 public:
  LookupWatch() noexcept;
  // Whether all of this thread's look-ups since then were answered.
  [[nodiscard]] bool is_sound() const noexcept;

 private:
  std::uint64_t failures_before_;
};

[[nodiscard]] inline const bearerd_object* as_object(const jose::Claims& claims) noexcept {
  return reinterpret_cast<const bearerd_object*>(&claims);
}

[[nodiscard]] inline std::string_view view(bearerd_text text) noexcept {
  return text.data == nullptr ? std::string_view{} : std::string_view{text.data, text.size};
}
[[nodiscard]] inline bearerd_text lend(std::string_view text) noexcept { return {text.data(), text.size()}; }

}  // namespace bearerd::plugin
