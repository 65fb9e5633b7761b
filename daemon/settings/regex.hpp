// Patterns of the operators, matched in linear time (RE2), always against the whole value, as Java's matches() does.
#pragma once

#include <memory>
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
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  [[nodiscard]] bool matches_whole(std::string_view text) const noexcept;
  // For rolesDelimiter: the parts between matches, blank ones dropped.
  [[nodiscard]] std::vector<std::string_view> split(std::string_view text) const;
  [[nodiscard]] const std::string& text() const noexcept;

 private:
  explicit Regex(std::unique_ptr<re2::RE2> expression) noexcept;
  std::unique_ptr<re2::RE2> expression_;
};

}  // namespace bearerd::settings
