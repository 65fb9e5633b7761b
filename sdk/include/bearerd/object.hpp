// Look-ups into a parsed JSON object, as C++: the settings of an entry, the claims of a token.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "bearerd/plugin_abi.h"

namespace bearerd::sdk {

[[nodiscard]] inline bearerd_text lend(std::string_view text) noexcept { return {text.data(), text.size()}; }
[[nodiscard]] inline std::string_view view(bearerd_text text) noexcept {
  return text.data == nullptr ? std::string_view{} : std::string_view{text.data, text.size};
}

// ASCII only.
[[nodiscard]] inline bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

enum class Kind : std::uint32_t {
  kMissing = BEARERD_KIND_MISSING,
  kNull = BEARERD_KIND_NULL,
  kBoolean = BEARERD_KIND_BOOLEAN,
  kNumber = BEARERD_KIND_NUMBER,
  kString = BEARERD_KIND_STRING,
  kArray = BEARERD_KIND_ARRAY,
  kObject = BEARERD_KIND_OBJECT,
};

// Lent for the call that brought it, as is every view that it returns. A path is one argument per member name, each
// taken literally: claims.strings("resource_access", "my.client", "roles").
class Object {
 public:
  Object(const bearerd_lookups& lookups, const bearerd_object* object) noexcept : lookups_(&lookups), object_(object) {}

  template <class... Names>
  [[nodiscard]] Kind kind(Names&&... names) const noexcept {
    const auto path = make_path(names...);
    return static_cast<Kind>(lookups_->kind_at(object_, path.data(), path.size()));
  }
  // Present, with any value, null too.
  template <class... Names>
  [[nodiscard]] bool has(Names&&... names) const noexcept {
    const Kind found = kind(names...);
    return found >= Kind::kNull && found <= Kind::kObject;
  }
  template <class... Names>
  [[nodiscard]] std::optional<std::string_view> string(Names&&... names) const noexcept {
    const auto path = make_path(names...);
    bearerd_text value{};
    if (lookups_->string_at(object_, path.data(), path.size(), &value) != BEARERD_DONE) return std::nullopt;
    return view(value);
  }
  template <class... Names>
  [[nodiscard]] std::optional<std::int64_t> integer(Names&&... names) const noexcept {
    const auto path = make_path(names...);
    std::int64_t value = 0;
    if (lookups_->integer_at(object_, path.data(), path.size(), &value) != BEARERD_DONE) return std::nullopt;
    return value;
  }
  template <class... Names>
  [[nodiscard]] std::optional<bool> boolean(Names&&... names) const noexcept {
    const auto path = make_path(names...);
    std::uint32_t value = 0;
    if (lookups_->boolean_at(object_, path.data(), path.size(), &value) != BEARERD_DONE) return std::nullopt;
    return value != 0;
  }
  // A string counts as a list of one. Absent: missing, or not strings alone.
  template <class... Names>
  [[nodiscard]] std::optional<std::vector<std::string_view>> strings(Names&&... names) const {
    const auto path = make_path(names...);
    std::vector<std::string_view> values;
    if (lookups_->strings_at(object_, path.data(), path.size(), &collect, &values) != BEARERD_DONE) return std::nullopt;
    return values;
  }
  // Whether `value` is the string at the path, or one of the strings there. Byte by byte.
  template <class... Names>
  [[nodiscard]] bool holds(std::string_view value, Names&&... names) const noexcept {
    const auto path = make_path(names...);
    Search search{value, false};
    return lookups_->strings_at(object_, path.data(), path.size(), &compare, &search) == BEARERD_DONE &&
           search.is_found;
  }
  // Calls `visit` with each Object of the list at the path; false: no list of objects alone is there, or the host is of
  // 1.0. What a visit finds may be kept as long as this object.
  template <class Visit, class... Names>
  [[nodiscard]] bool for_each_object(Visit visit, Names&&... names) const {
    constexpr std::size_t kNeeded =
        offsetof(bearerd_lookups, for_each_object) + sizeof(bearerd_lookups::for_each_object);
    if (lookups_->size < kNeeded) return false;
    const auto path = make_path(names...);
    Visiting<Visit> visiting{*lookups_, visit};
    return lookups_->for_each_object(object_, path.data(), path.size(), &Visiting<Visit>::call, &visiting) ==
           BEARERD_DONE;
  }
  // Copies, for settings that are kept: absent ones are empty.
  template <class... Names>
  [[nodiscard]] std::string text(Names&&... names) const {
    return std::string(string(names...).value_or(std::string_view{}));
  }
  template <class... Names>
  [[nodiscard]] std::vector<std::string> texts(Names&&... names) const {
    const auto values = strings(names...);
    return values ? std::vector<std::string>(values->begin(), values->end()) : std::vector<std::string>{};
  }

  [[nodiscard]] const bearerd_object* raw() const noexcept { return object_; }

 private:
  struct Search {
    std::string_view value;
    bool is_found;
  };
  template <class Visit>
  struct Visiting {
    const bearerd_lookups& lookups;
    Visit& visit;
    static bearerd_status call(void* context, const bearerd_object* element) noexcept {
      try {
        auto& self = *static_cast<Visiting*>(context);
        self.visit(Object(self.lookups, element));
        return BEARERD_DONE;
      } catch (...) {
        return BEARERD_FAILED;
      }
    }
  };
  template <class... Names>
  static std::array<bearerd_text, sizeof...(Names)> make_path(const Names&... names) noexcept {
    static_assert((std::is_convertible_v<const Names&, std::string_view> && ...), "a path is made of member names");
    return {lend(std::string_view(names))...};
  }
  // Nothing may be thrown through the host's loop; a list that can't be kept is no list.
  static bearerd_status collect(void* context, bearerd_text value) noexcept {
    try {
      static_cast<std::vector<std::string_view>*>(context)->push_back(view(value));
      return BEARERD_DONE;
    } catch (...) {
      return BEARERD_FAILED;
    }
  }
  static bearerd_status compare(void* context, bearerd_text value) noexcept {
    auto& search = *static_cast<Search*>(context);
    search.is_found = search.is_found || view(value) == search.value;
    return BEARERD_DONE;
  }

  const bearerd_lookups* lookups_;
  const bearerd_object* object_;
};

}  // namespace bearerd::sdk
