#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/admin_revocations.hpp"
#include "state/shared_revocation.hpp"
#include "state/state_key.hpp"

// The same bytes as a call's body, its queries, and a point in time: what is accepted is whole, and reads as it is
// written.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bearerd;
  static const base::Secret key{std::string_view("0123456789abcdef0123456789abcdef")};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto revocation = http::parse_revocation(text)) {
    const state::RevocationEntry entry = state::make_entry(key, *revocation);
    const bool needs_moment = entry.mark.kind == state::RevocationKind::kSubjectBefore ||
                              entry.mark.kind == state::RevocationKind::kProviderBefore;
    if (needs_moment != entry.issued_before.has_value()) std::abort();
    if (revocation->provider.empty() && !revocation->is_caller) std::abort();
  }
  if (const auto wish = http::parse_revocation_wish(text)) {
    if (wish->max_entries == 0 || wish->max_entries > 200) std::abort();
  }
  if (const auto mark = state::parse_mark(text)) {
    if (to_text(*mark) != text) std::abort();
  }
  static const std::string name = "jti." + std::string(43, 'A');
  if (const auto shared = state::parse_shared(key, name, text)) {
    if (to_text(key, *shared) != text) std::abort();
  }
  if (const auto time = base::parse_timestamp(text)) {
    if (base::parse_timestamp(base::to_text(*time)) != time) std::abort();
  }
  return 0;
}
