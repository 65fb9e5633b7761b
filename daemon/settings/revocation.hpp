// What an operator revokes, as the file of state.revocationsFile and the admin API say it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/timestamp.hpp"

namespace bearerd::settings {

enum class RevocationKind : std::uint8_t { kToken = 1, kSession, kSubject, kSubjectBefore, kKey, kProviderBefore };
inline constexpr std::array kRevocationKinds{RevocationKind::kToken,   RevocationKind::kSession,
                                             RevocationKind::kSubject, RevocationKind::kSubjectBefore,
                                             RevocationKind::kKey,     RevocationKind::kProviderBefore};
// As the admin API calls it: "jti", "session", …
[[nodiscard]] std::string_view name(RevocationKind kind) noexcept;

// As it was written: a member that is not there is absent.
struct RevocationDraft {
  std::optional<std::string> provider, jti, session, subject, caller, key;
  std::optional<base::Timestamp> issued_before, until;
};

struct Revocation {
  RevocationKind kind = RevocationKind::kToken;
  std::string provider;                          // may be empty with `is_caller`
  std::string value;                             // of jti, session, subject or key; empty for kProviderBefore
  bool is_caller = false;                        // the value is an X-Bearerd-Caller
  std::optional<base::Timestamp> issued_before;  // exactly with the two kinds that end in Before
  std::optional<base::Timestamp> until;          // when it concerns no token any more
};

// kInvalid: the members don't go together; the text says which, and never a value.
[[nodiscard]] base::Result<Revocation> resolve(RevocationDraft draft);

}  // namespace bearerd::settings
