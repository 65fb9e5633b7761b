// Names of what is counted: the caller as X-Bearerd-Caller has it, as bytes, and the deployment as a number.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace bearerd::state {

// An HMAC-SHA-256 under the state key: tells nothing about who it is.
struct CallerId {
  std::array<std::uint8_t, 32> bytes{};
  friend auto operator<=>(const CallerId&, const CallerId&) = default;
};

// The 43 characters of base64url. Nothing when it is not exactly that.
[[nodiscard]] std::optional<CallerId> parse_caller(std::string_view text) noexcept;
[[nodiscard]] std::string to_text(const CallerId& caller);
// Its bytes as a file holds them. Nothing when there are more or fewer than 32.
[[nodiscard]] std::optional<CallerId> caller_of_bytes(std::string_view bytes) noexcept;

// The first 8 bytes of SHA-256.
[[nodiscard]] std::uint64_t short_digest(std::string_view bytes);

// Its short digest: the same in every daemon and after each restart, so counters need no table of names. Never 0.
[[nodiscard]] std::uint64_t deployment_id(std::string_view name);

struct UsageKey {
  CallerId caller;
  std::uint64_t deployment = 0;  // kCostOfCaller: what the caller spent over all of them
  friend bool operator==(const UsageKey&, const UsageKey&) = default;
};
inline constexpr std::uint64_t kCostOfCaller = 0;

struct CallerHash {
  // The bytes are as good as random.
  [[nodiscard]] std::size_t operator()(const CallerId& caller) const noexcept {
    std::size_t hash = 0;
    std::memcpy(&hash, caller.bytes.data() + 8, sizeof hash);
    return hash;
  }
};

}  // namespace bearerd::state
