// One line of claim path, the rest claims: every kind of look-up agrees with the others about what is there.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/claim_path.hpp"
#include "jose/claims.hpp"

namespace {

using namespace bearerd;

void require(bool is_true) {
  if (!is_true) std::abort();
}

void look_up(const jose::Claims& claims, const base::ClaimPath& path) {
  const jose::ClaimKind kind = claims.kind_at(path);
  std::size_t strings = 0;
  const bool is_strings = claims.for_each_string(path, [&](std::string_view) { return ++strings != 0; });
  require(claims.string_at(path).has_value() == (kind == jose::ClaimKind::kString));
  require(claims.boolean_at(path).has_value() == (kind == jose::ClaimKind::kBoolean));
  require(!claims.integer_at(path) || kind == jose::ClaimKind::kNumber);
  require(!is_strings || kind == jose::ClaimKind::kString || kind == jose::ClaimKind::kArray);
  require(is_strings || strings == 0);
  require(claims.for_each_member(path, [](std::string_view, jose::ClaimKind) { return true; }) ==
          (kind == jose::ClaimKind::kObject));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  const auto document = jose::ClaimsDocument::parse(text.substr(line + 1));
  if (!document) return 0;
  const base::ClaimPath path = base::ClaimPath::from_text(text.substr(0, line));
  require(!path.segments.empty());
  require(path.display() == text.substr(0, line));
  look_up(document->claims(), path);
  look_up(document->claims(), base::ClaimPath::from_segments(path.segments));
  (void)document->claims().date_of(text.substr(0, line));
  return 0;
}
