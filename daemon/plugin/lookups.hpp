// The host's side of bearerd_lookups: a bearerd_object is a jose::Claims.
#pragma once

#include "bearerd/plugin_abi.h"
#include "jose/claims.hpp"

namespace bearerd::plugin {

// Lives as long as the program. Every function is total: a null or an empty path where one is needed finds nothing.
[[nodiscard]] const bearerd_lookups& lookups() noexcept;

[[nodiscard]] inline const bearerd_object* as_object(const jose::Claims& claims) noexcept {
  return reinterpret_cast<const bearerd_object*>(&claims);
}

[[nodiscard]] inline std::string_view view(bearerd_text text) noexcept {
  return text.data == nullptr ? std::string_view{} : std::string_view{text.data, text.size};
}
[[nodiscard]] inline bearerd_text lend(std::string_view text) noexcept { return {text.data(), text.size()}; }

}  // namespace bearerd::plugin
