// The one place where a signature is checked (RFC 7515 §5.2, RFC 7518 §3, RFC 8037 §3.1).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/algorithm.hpp"
#include "jose/key.hpp"

namespace bearerd::jose {

// True only for a good signature of `signing_input` under `key` with `algorithm`; false for everything else, also for
// an algorithm that the key can't serve and for trouble inside OpenSSL. Any thread: contexts are kept per thread and
// reused, in a small bounded cache that does not outlive the thread.
[[nodiscard]] bool verify_signature(base::Algorithm algorithm, const Key& key, std::string_view signing_input,
                                    std::span<const std::uint8_t> signature) noexcept;

// How dear a failed try is, relative to RS256 with 2048 bits = 1 (P-384 and P-521 have no fast code in OpenSSL 3.0).
[[nodiscard]] unsigned relative_cost(base::Algorithm algorithm, const Key& key) noexcept;

}  // namespace bearerd::jose
