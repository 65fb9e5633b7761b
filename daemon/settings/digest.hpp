// Whether something changed, without keeping what it was.
#pragma once

#include <string>
#include <string_view>

namespace bearerd::settings {

// Hex SHA-256. A provider whose digests, of its settings and of its plugin's file, are the same is carried over a
// reload with its keys and verdicts, so nobody may be able to make two different ones meet; and what is hashed holds
// salts and secrets, which the digest must not show.
[[nodiscard]] std::string digest_of(std::string_view content);

}  // namespace bearerd::settings
