// A revocation as several daemons share it: what one of them added, or that one of them ended it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.hpp"
#include "state/revocation_set.hpp"

namespace bearerd::state {

struct SharedRevocation {
  // Of an ended one: `added_at` is when it was ended, `until` when that may be forgotten.
  RevocationEntry entry;
  bool is_ended = false;
};

// "<on|ended> <issued before> <until> <added at> <seal>"; the mark stands beside it, and is sealed with it.
[[nodiscard]] std::string to_text(const base::Secret& key, const SharedRevocation& shared);
// Nothing for what was not written under this key, or was changed.
[[nodiscard]] std::optional<SharedRevocation> parse_shared(const base::Secret& key, std::string_view mark,
                                                           std::string_view text);

}  // namespace bearerd::state
