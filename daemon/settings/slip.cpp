#include "settings/slip.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"

namespace bearerd::settings {
namespace {

constexpr std::size_t kMostWrongLetters = 2;
constexpr std::size_t kMaxKeyBytes = 64;  // no guard is nearly as long, and the distance costs the product of both
// Of what is shorter, two other letters make another word. A guard that is not recognised is open, as "month" is when
// it is written "mnoth"; a name may just as well be somebody else's word, as "store" is beside "state".
constexpr std::size_t kShortGuard = 5;
constexpr std::size_t kShortName = 6;

std::string plain(std::string_view key) {
  std::string text = base::to_lower(key);
  std::erase_if(text, [](char c) { return c == '_' || c == '-'; });
  return text;
}

}  // namespace

bool is_near(std::string_view wrong, std::string_view name) {
  return base::edit_distance(base::to_lower(wrong), base::to_lower(name)) <=
         (name.size() < kShortName ? 1 : kMostWrongLetters);
}

std::string_view meant_key(std::string_view wrong, const std::vector<std::string_view>& known,
                           std::span<const std::string_view> guards) {
  if (wrong.size() > kMaxKeyBytes) return {};
  const std::string text = plain(wrong);
  const auto same =
      std::find_if(known.begin(), known.end(), [&](std::string_view each) { return plain(each) == text; });
  if (same != known.end()) return *same;
  const auto near = std::find_if(guards.begin(), guards.end(), [&](std::string_view each) {
    const bool is_beginning = text.size() >= kShortGuard && plain(each).starts_with(text);
    return is_beginning ||
           base::edit_distance(plain(each), text) <= (each.size() < kShortGuard ? 1 : kMostWrongLetters);
  });
  return near != guards.end() ? *near : std::string_view();
}

bool fault_slip(const Reader& member, std::string_view key, const std::vector<std::string_view>& known,
                std::span<const std::string_view> guards) {
  const std::string_view meant = meant_key(key, known, guards);
  if (meant.empty()) return false;
  member.fault_at_key("unknown key, so what it should guard would be open (did you mean " + base::json_string(meant) +
                      "?)");
  return true;
}

}  // namespace bearerd::settings
