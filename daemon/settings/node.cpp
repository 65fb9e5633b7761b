#include "settings/node.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace bearerd::settings {
namespace {

void append_canonical_object(std::string& out, const Node& node) {
  std::vector<const Member*> sorted;
  sorted.reserve(node.members.size());
  for (const Member& member : node.members) sorted.push_back(&member);
  std::sort(sorted.begin(), sorted.end(), [](const Member* a, const Member* b) { return a->key < b->key; });
  out += '{';
  for (const Member* member : sorted) {
    if (out.back() != '{') out += ',';
    out += base::json_string(member->key);
    out += ':';
    append_canonical(out, member->value);
  }
  out += '}';
}

}  // namespace

Location Place::location() const { return {file ? *file : std::string(), line, column}; }

std::string_view describe(NodeKind kind) noexcept {
  switch (kind) {
    case NodeKind::kNull:
      return "null";
    case NodeKind::kBoolean:
      return "a boolean";
    case NodeKind::kNumber:
      return "a number";
    case NodeKind::kString:
      return "a string";
    case NodeKind::kArray:
      return "a list";
    case NodeKind::kObject:
      return "an object";
  }
  return "nothing";
}

const Member* Node::find(std::string_view key) const noexcept {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const Member& member) { return member.key == key; });
  return found == members.end() ? nullptr : &*found;
}

Member* Node::find(std::string_view key) noexcept {
  return const_cast<Member*>(static_cast<const Node*>(this)->find(key));
}

Node make_object(Place where) {
  Node node;
  node.kind = NodeKind::kObject;
  node.where = std::move(where);
  return node;
}

void append_canonical(std::string& out, const Node& node) {
  switch (node.kind) {
    case NodeKind::kNull:
      out += "null";
      return;
    case NodeKind::kBoolean:
      out += node.boolean ? "true" : "false";
      return;
    case NodeKind::kNumber:
      out += node.text;
      return;
    case NodeKind::kString:
      out += base::json_string(node.text);
      return;
    case NodeKind::kObject:
      append_canonical_object(out, node);
      return;
    case NodeKind::kArray:
      break;
  }
  out += '[';
  for (std::size_t i = 0; i < node.elements.size(); ++i) {
    if (i != 0) out += ',';
    append_canonical(out, node.elements[i]);
  }
  out += ']';
}

}  // namespace bearerd::settings
