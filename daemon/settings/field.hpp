// A settings family as an array of fields, each bound to a member of the family's struct: reading, unknown keys,
// defaults, docs and "what changed" all walk the same array.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "settings/codec.hpp"
#include "settings/slip.hpp"

namespace bearerd::settings {

template <class Struct>
struct Field {
  std::string_view name, description;
  Traits traits;
  void (*read)(const Reader&, const Traits&, Struct&);
  std::string (*show)(const Traits&, const Struct&);
  std::string (*type)(const Traits&);
  std::string (*json)(const Traits&, const Struct&);
};

template <class Struct, auto Member>
constexpr Field<Struct> field(std::string_view name, std::string_view description, Traits traits = {}) {
  using Value = std::remove_cvref_t<decltype(std::declval<Struct&>().*Member)>;
  return {name,
          description,
          traits,
          [](const Reader& reader, const Traits& t, Struct& out) { Codec<Value>::read(reader, t, out.*Member); },
          [](const Traits& t, const Struct& value) { return Codec<Value>::show(t, value.*Member); },
          &Codec<Value>::type,
          [](const Traits& t, const Struct& value) { return Codec<Value>::json(t, value.*Member); }};
}

// Specialised next to each family's rows.
template <class Struct>
[[nodiscard]] std::span<const Field<Struct>> fields_of();

// Reads the members of an object that have a field; hands back those that have none, in file order. `null` is absent.
template <class Struct>
std::vector<const Member*> read_known(const Reader& reader, Struct& out) {
  std::vector<const Member*> unknown;
  if (!reader.node.is_object()) {
    reader.fault_kind("an object");
    return unknown;
  }
  for (const Member& member : reader.node.members) {
    const Field<Struct>* found = nullptr;
    for (const Field<Struct>& each : fields_of<Struct>()) {
      if (each.name == member.key) found = &each;
    }
    if (found == nullptr) {
      unknown.push_back(&member);
    } else if (member.value.kind != NodeKind::kNull) {
      found->read(reader.at(member), found->traits, out);
    }
  }
  return unknown;
}

template <class Struct>
[[nodiscard]] std::vector<std::string_view> names_of() {
  std::vector<std::string_view> names;
  for (const Field<Struct>& each : fields_of<Struct>()) names.push_back(each.name);
  return names;
}

// A family of ours: a key that it does not have is a fault, because an ignored key may have been a guard.
template <class Struct>
void read_strictly(const Reader& reader, Struct& out) {
  for (const Member* member : read_known(reader, out)) {
    reader.at(*member).fault_at_key("unknown key" + suggestion(member->key, names_of<Struct>()));
  }
}

// A family that DIAL Core has too: it may have keys that are not our business, unless they are ours misspelled.
template <class Struct>
void read_leniently(const Reader& reader, Struct& out, std::span<const std::string_view> guards = {}) {
  for (const Member* member : read_known(reader, out)) {
    fault_slip(reader.at(*member), member->key, names_of<Struct>(), guards);
  }
}

template <class Struct>
[[nodiscard]] Family describe_family(std::string_view path, const Struct& defaults) {
  Family family{path, {}};
  for (const Field<Struct>& each : fields_of<Struct>()) {
    std::string value(each.traits.default_note);
    if (value.empty()) value = each.show(each.traits, defaults);
    family.rows.push_back({each.name, each.type(each.traits), std::move(value), each.traits.phase,
                           each.traits.is_secret, each.description});
  }
  return family;
}

// The paths of the fields whose values differ.
template <class Struct>
[[nodiscard]] std::vector<std::string> differing(std::string_view path, const Struct& a, const Struct& b) {
  std::vector<std::string> paths;
  for (const Field<Struct>& each : fields_of<Struct>()) {
    if (each.show(each.traits, a) != each.show(each.traits, b)) paths.push_back(join_path(path, each.name));
  }
  return paths;
}

// {"name": value, …}, without those that `leaves_out` names.
template <class Struct>
[[nodiscard]] std::string family_json(const Struct& value, std::span<const std::string_view> leaves_out = {}) {
  std::string text = "{";
  for (const Field<Struct>& each : fields_of<Struct>()) {
    if (std::find(leaves_out.begin(), leaves_out.end(), each.name) != leaves_out.end()) continue;
    text += (text.size() > 1 ? "," : "") + base::json_string(each.name) + ":" + each.json(each.traits, value);
  }
  return text + "}";
}

// A member that is an object of its own.
template <class T>
struct Nested {
  static void read(const Reader& reader, const Traits&, T& out) { read_strictly(reader, out); }
  static std::string show(const Traits&, const T& value) {
    std::string text;
    for (const Field<T>& each : fields_of<T>()) text += each.show(each.traits, value) + "\n";
    return text;
  }
  static std::string type(const Traits&) { return "object, see below"; }
  static std::string json(const Traits&, const T& value) { return family_json(value); }
};

}  // namespace bearerd::settings
