#include "state/shared_revocation.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <system_error>

#include "state/state_key.hpp"

namespace bearerd::state {
namespace {

constexpr std::string_view kOn = "on", kEnded = "ended", kNothing = "-";

std::string text_of(std::optional<std::int64_t> value) {
  return value ? std::to_string(*value) : std::string(kNothing);
}

// False for what is no number that we would write.
bool parse(std::string_view text, std::optional<std::int64_t>& value) {
  if (text == kNothing) {
    value.reset();
    return true;
  }
  std::int64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || std::to_string(number) != text) return false;
  value = number;
  return true;
}

// The five fields between single spaces.
std::optional<std::array<std::string_view, 5>> fields_of(std::string_view text) {
  std::array<std::string_view, 5> fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::size_t space = text.find(' ');
    if ((space == std::string_view::npos) != (i + 1 == fields.size())) return std::nullopt;
    fields.at(i) = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  return fields;
}

}  // namespace

std::string to_text(const base::Secret& key, const SharedRevocation& shared) {
  const std::string_view state = shared.is_ended ? kEnded : kOn;
  const RevocationEntry& entry = shared.entry;
  return std::string(state) + " " + text_of(entry.issued_before) + " " + text_of(entry.until) + " " +
         std::to_string(entry.added_at) + " " + to_text(seal(key, state, entry));
}

std::optional<SharedRevocation> parse_shared(const base::Secret& key, std::string_view mark, std::string_view text) {
  const auto parsed_mark = parse_mark(mark);
  const auto fields = fields_of(text);
  if (!parsed_mark || !fields) return std::nullopt;
  SharedRevocation shared;
  shared.entry.mark = *parsed_mark;
  shared.is_ended = (*fields)[0] == kEnded;
  std::optional<std::int64_t> added_at;
  if (!parse((*fields)[1], shared.entry.issued_before) || !parse((*fields)[2], shared.entry.until) ||
      !parse((*fields)[3], added_at) || !added_at) {
    return std::nullopt;
  }
  shared.entry.added_at = *added_at;
  const std::string_view state = shared.is_ended ? kEnded : kOn;
  const auto sealed = parse_caller((*fields)[4]);
  if ((*fields)[0] != state || sealed != seal(key, state, shared.entry)) return std::nullopt;
  return shared;
}

}  // namespace bearerd::state
