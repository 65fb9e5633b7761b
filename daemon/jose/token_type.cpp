#include "jose/token_type.hpp"

#include "base/text.hpp"

namespace bearerd::jose {

std::string_view without_application_prefix(std::string_view type) noexcept {
  constexpr std::string_view kPrefix = "application/";
  return base::equals_ignoring_case(type.substr(0, kPrefix.size()), kPrefix) ? type.substr(kPrefix.size()) : type;
}

bool is_foreign_token_type(std::string_view type) noexcept {
  if (base::equals_ignoring_case(type, "at+jwt")) return false;
  // Every explicit type registered so far has a structured suffix; a list of names would miss the next one.
  return type.find_first_of("+/") != std::string_view::npos;
}

}  // namespace bearerd::jose
