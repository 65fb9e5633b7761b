// Patterns of the operators, matched in linear time (RE2), always against the whole value, as Java's matches() does.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace re2 {
class RE2;
}

namespace bearerd::settings {

// Immutable; any thread.
class Regex {
 public:
  [[nodiscard]] static base::Result<std::shared_ptr<const Regex>> compile(std::string_view pattern);
  // `text` as it stands, but for upper and lower case: of ASCII letters where `text` has no others, so that no
  // look-alike (the Kelvin sign) passes for one, else by Unicode's simple folding.
  [[nodiscard]] static base::Result<std::shared_ptr<const Regex>> compile_ignoring_case(std::string_view text);
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  [[nodiscard]] bool matches_whole(std::string_view text) const noexcept;
  [[nodiscard]] bool matches_part(std::string_view text) const noexcept;
  // What the first group took when the whole text matches; absent too when the group took no part in it.
  [[nodiscard]] std::optional<std::string_view> capture(std::string_view text) const noexcept;
  [[nodiscard]] int groups() const noexcept;
  // For rolesDelimiter: the parts between matches, blank ones dropped.
  [[nodiscard]] std::vector<std::string_view> split(std::string_view text) const;
  [[nodiscard]] const std::string& text() const noexcept;

 private:
  enum class Kind : unsigned char { kPattern = 1, kAnyCase };
  [[nodiscard]] static base::Result<std::shared_ptr<const Regex>> compile_as(Kind kind, std::string_view pattern);
  explicit Regex(std::unique_ptr<re2::RE2> expression) noexcept;
  std::unique_ptr<re2::RE2> expression_;
};

}  // namespace bearerd::settings
