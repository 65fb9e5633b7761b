// JSON as operators write it: comments and trailing commas tolerated, duplicate keys not, every piece with its place.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "settings/node.hpp"
#include "settings/problems.hpp"

namespace bearerd::settings {

inline constexpr std::size_t kMaxFileBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxDepth = 64;
// A tree costs many times its text; this bounds what a hostile file of "[[],[],…" can take.
inline constexpr std::size_t kMaxNodes = 500'000;

// Absent after a syntax error; duplicate keys are faults too, but the tree is still good for finding more.
// A UTF-8 byte order mark is skipped: Windows editors write it, and it changes no meaning.
[[nodiscard]] std::optional<Node> parse_json(std::string_view bytes, const std::shared_ptr<const std::string>& file,
                                             Problems& problems);

// For text that may be JSON or may not (environment values, plugin schemas): no problems told, no places.
[[nodiscard]] std::optional<Node> parse_json_quietly(std::string_view bytes);

}  // namespace bearerd::settings
