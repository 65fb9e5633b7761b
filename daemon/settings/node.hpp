// The tree that a settings file is read into: what was written, in its order, and where each piece stands.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "settings/settings.hpp"

namespace bearerd::settings {

// A place costs a pointer, not a copy of the file's name.
struct Place {
  std::shared_ptr<const std::string> file;
  std::uint32_t line = 0, column = 0;  // from 1, in characters; 0: not from a file
  [[nodiscard]] Location location() const;
};

enum class NodeKind : std::uint8_t { kNull = 1, kBoolean, kNumber, kString, kArray, kObject };

// "an object", "a number", for messages.
[[nodiscard]] std::string_view describe(NodeKind kind) noexcept;

struct Member;

// Owns what is below it. Depth is bounded by the parser, so walking it by recursion is safe.
struct Node {
  NodeKind kind = NodeKind::kNull;
  bool boolean = false;
  std::string text;             // a string's value; a number as written
  std::vector<Node> elements;   // of an array
  std::vector<Member> members;  // of an object, in the order of the file
  Place where;                  // of the value
  // Set for a value from the environment: the raw text, for settings that want text where JSON could be read too.
  std::optional<std::string> environment_text;

  [[nodiscard]] const Member* find(std::string_view key) const noexcept;
  [[nodiscard]] Member* find(std::string_view key) noexcept;
  [[nodiscard]] bool is_object() const noexcept { return kind == NodeKind::kObject; }
  [[nodiscard]] bool is_array() const noexcept { return kind == NodeKind::kArray; }
};

struct Member {
  std::string key;
  Place where;  // of the key
  Node value;
};

[[nodiscard]] Node make_object(Place where);

// The same text for the same meaning: keys sorted, no white space, comments gone. Holds secrets; only for hashing and
// for plugins.
void append_canonical(std::string& out, const Node& node);

}  // namespace bearerd::settings
