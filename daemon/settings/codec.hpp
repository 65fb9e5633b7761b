// How a value of the tree becomes a member of a settings struct, and how that member is shown: one Codec a type.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/text.hpp"
#include "settings/reader.hpp"
#include "settings/regex.hpp"
#include "settings/settings.hpp"
#include "settings/table.hpp"

namespace bearerd::settings {

enum class Format : std::uint8_t {
  kText = 1,
  kUrl,
  kFile,
  kHeaderName,
  kIssuer,
  kCidr,
  kPattern,
  kCapture,
  kMethod,
  kHost
};

// What the type of a member can't say about its row.
struct Traits {
  Phase phase = Phase::kRunning;
  Format format = Format::kText;
  bool is_secret = false;
  bool needs_element = false;  // an empty list would switch a check off, or allow nothing
  std::int64_t minimum = 0;
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
  // For enums: the names of 1, 2, …; for booleans: of false and true; for strings: what is allowed.
  std::span<const std::string_view> choices = {};
  std::string_view default_note = {};  // where the default is not what the struct holds
};

// What stands for a secret wherever settings are shown.
inline constexpr std::string_view kMasked = "\"***\"";

// A type's Codec reads it, shows it in the docs (show), and as JSON to whoever may look at the settings in force
// (json): there a secret is masked, by its type or its row's mark, whatever it is called.
template <class T>
struct Codec;

// A list of JSON texts.
[[nodiscard]] std::string json_list(const std::vector<std::string>& elements);

// The plain readings that codecs are made of; absent after a fault was told.
[[nodiscard]] std::optional<std::string> read_text(const Reader& reader, const Traits& traits);
[[nodiscard]] std::optional<std::int64_t> read_integer(const Reader& reader, const Traits& traits);
[[nodiscard]] std::optional<std::size_t> read_choice(const Reader& reader, const Traits& traits);
[[nodiscard]] std::optional<bool> read_boolean(const Reader& reader);
// A list, or one element that stands for a list of one.
void for_each_element(const Reader& reader, std::string_view wanted, const auto& visit) {
  if (reader.node.is_array()) {
    for (const Node& element : reader.node.elements) visit(reader.at(element));
  } else if (reader.node.is_object()) {
    reader.fault_kind(wanted);
  } else {
    visit(reader);
  }
}
[[nodiscard]] std::string range_of(const Traits& traits);
[[nodiscard]] std::string choices_of(const Traits& traits);
[[nodiscard]] std::string join_list(const std::vector<std::string>& list);

template <>
struct Codec<std::string> {
  static void read(const Reader& reader, const Traits& traits, std::string& out);
  static std::string show(const Traits& traits, const std::string& value);
  static std::string type(const Traits& traits);
  static std::string json(const Traits& traits, const std::string& value);
};

template <>
struct Codec<std::vector<std::string>> {
  static void read(const Reader& reader, const Traits& traits, std::vector<std::string>& out);
  static std::string show(const Traits& traits, const std::vector<std::string>& value);
  static std::string type(const Traits& traits);
  static std::string json(const Traits& traits, const std::vector<std::string>& value);
};

template <>
struct Codec<std::optional<std::vector<std::string>>> {
  static void read(const Reader& reader, const Traits& traits, std::optional<std::vector<std::string>>& out);
  static std::string show(const Traits& traits, const std::optional<std::vector<std::string>>& value);
  static std::string type(const Traits& traits);
  static std::string json(const Traits& traits, const std::optional<std::vector<std::string>>& value);
};

template <>
struct Codec<bool> {
  static void read(const Reader& reader, const Traits& traits, bool& out);
  static std::string show(const Traits& traits, bool value);
  static std::string type(const Traits& traits);
  static std::string json(const Traits& traits, bool value);
};

template <class T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
struct Codec<T> {
  static void read(const Reader& reader, const Traits& traits, T& out) {
    if (const auto value = read_integer(reader, traits)) out = static_cast<T>(*value);
  }
  static std::string show(const Traits&, T value) { return std::to_string(value); }
  static std::string type(const Traits& traits) { return "number" + range_of(traits); }
  static std::string json(const Traits&, T value) { return std::to_string(value); }
};

template <class T>
  requires std::is_enum_v<T>
struct Codec<T> {
  static void read(const Reader& reader, const Traits& traits, T& out) {
    if (const auto index = read_choice(reader, traits)) out = static_cast<T>(*index + 1);
  }
  static std::string show(const Traits& traits, T value) {
    return base::json_string(traits.choices[static_cast<std::size_t>(value) - 1]);
  }
  static std::string type(const Traits& traits) { return choices_of(traits); }
  static std::string json(const Traits& traits, T value) {
    return base::json_string(traits.choices[static_cast<std::size_t>(value) - 1]);
  }
};

template <class Period>
struct Codec<std::chrono::duration<std::int64_t, Period>> {
  using Duration = std::chrono::duration<std::int64_t, Period>;
  static void read(const Reader& reader, const Traits& traits, Duration& out) {
    if (const auto value = read_integer(reader, traits)) out = Duration(*value);
  }
  static std::string show(const Traits&, Duration value) { return std::to_string(value.count()); }
  static std::string type(const Traits& traits) {
    return (std::is_same_v<Period, std::milli> ? "milliseconds" : "seconds") + range_of(traits);
  }
  static std::string json(const Traits&, Duration value) { return std::to_string(value.count()); }
};

template <class T>
  requires requires { &Codec<T>::type; }
struct Codec<std::optional<T>> {
  static void read(const Reader& reader, const Traits& traits, std::optional<T>& out) {
    T value{};
    const std::size_t faults = reader.context.problems.fault_count();
    Codec<T>::read(reader, traits, value);
    if (reader.context.problems.fault_count() == faults) out = std::move(value);
  }
  static std::string show(const Traits& traits, const std::optional<T>& value) {
    return value ? Codec<T>::show(traits, *value) : std::string();
  }
  static std::string type(const Traits& traits) { return Codec<T>::type(traits); }
  static std::string json(const Traits& traits, const std::optional<T>& value) {
    return value ? Codec<T>::json(traits, *value) : std::string("null");
  }
};

template <>
struct Codec<double> {
  static void read(const Reader& reader, const Traits& traits, double& out);
  static std::string show(const Traits& traits, double value);
  static std::string type(const Traits& traits);
  static std::string json(const Traits& traits, double value);
};

template <>
struct Codec<std::vector<Address>> {
  static void read(const Reader& reader, const Traits& traits, std::vector<Address>& out);
  static std::string show(const Traits& traits, const std::vector<Address>& value);
  static std::string type(const Traits& traits);
  static std::string json(const Traits& traits, const std::vector<Address>& value);
};

template <>
struct Codec<base::Secret> {
  static void read(const Reader& reader, const Traits& traits, base::Secret& out);
  static std::string show(const Traits& traits, const base::Secret& value);
  static std::string type(const Traits& traits);
  static std::string json(const Traits& traits, const base::Secret& value);
};

template <>
struct Codec<base::ClaimPath> {
  static void read(const Reader& reader, const Traits& traits, base::ClaimPath& out);
  static std::string show(const Traits& traits, const base::ClaimPath& value);
  static std::string type(const Traits& traits);
  static std::string json(const Traits& traits, const base::ClaimPath& value);
};

template <>
struct Codec<std::vector<base::ClaimPath>> {
  static void read(const Reader& reader, const Traits& traits, std::vector<base::ClaimPath>& out);
  static std::string show(const Traits& traits, const std::vector<base::ClaimPath>& value);
  static std::string type(const Traits& traits);
  static std::string json(const Traits& traits, const std::vector<base::ClaimPath>& value);
};

template <>
struct Codec<std::vector<base::Algorithm>> {
  static void read(const Reader& reader, const Traits& traits, std::vector<base::Algorithm>& out);
  static std::string show(const Traits& traits, const std::vector<base::Algorithm>& value);
  static std::string type(const Traits& traits);
  static std::string json(const Traits& traits, const std::vector<base::Algorithm>& value);
};

template <>
struct Codec<std::shared_ptr<const Regex>> {
  static void read(const Reader& reader, const Traits& traits, std::shared_ptr<const Regex>& out);
  static std::string show(const Traits& traits, const std::shared_ptr<const Regex>& value);
  static std::string type(const Traits& traits);
  static std::string json(const Traits& traits, const std::shared_ptr<const Regex>& value);
};

}  // namespace bearerd::settings
