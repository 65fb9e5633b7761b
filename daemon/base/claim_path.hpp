// Where a claim is: one literal name, or names from object to object.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bearerd::base {

// A string in the settings is tried as one literal claim name first ("https://example.com/roles"), then split at its
// dots; a list of strings is exact segments (["resource_access", "my.client", "roles"]). Paths walk objects only.
struct ClaimPath {
  std::string literal;                // empty when the path was given as a list
  std::vector<std::string> segments;  // never empty in a valid path

  [[nodiscard]] static ClaimPath from_text(std::string_view text);
  [[nodiscard]] static ClaimPath from_segments(std::vector<std::string> segments);
  // For messages and the admin API: the literal, or the segments joined by dots.
  [[nodiscard]] std::string display() const;

  friend bool operator==(const ClaimPath&, const ClaimPath&) = default;
};

}  // namespace bearerd::base
