// The closed list of reasons a request is refused for, and the one for which it is not. Public: logs, metrics, headers
// and docs/reasons.md use these names, and a test compares them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bearerd::base {

// Zero is no reason at all, so that cleared memory never reads as an allow.
enum class Reason : std::uint8_t {
  kOk = 1,
  kNoToken,
  kMalformed,
  kTooLarge,
  kUnknownIssuer,
  kWrongTenant,
  kAlgNotAllowed,
  kUnknownKey,
  kBadSignature,
  kExpired,
  kNotYetValid,
  kTooOld,
  kWrongAudience,
  kWrongTokenUse,
  kMissingClaim,
  kClaimRejected,
  kEncryptedToken,
  kCriticalHeader,
  kOpaqueInactive,
  kOpaqueUnsupported,
  kSenderConstrained,
  kRevoked,
  kUnknownApiKey,
  kAddressNotAllowed,
  kNoRole,
  kNoRoute,
  kUnknownResource,
  kLimitReached,
  kProviderUnavailable,
  kBadRequest,
  kOverloaded,
  kInternal,
};

inline constexpr std::size_t kReasonCount = 32;

// What a decision counts as in logs and metrics: `error` is "could not decide".
enum class DecisionKind : std::uint8_t { kAllow = 1, kDeny, kError };

// All reasons in their order, for binding metrics and for tests.
[[nodiscard]] const std::array<Reason, kReasonCount>& all_reasons() noexcept;

// The public name, such as "wrong_audience". Lives as long as the program.
[[nodiscard]] std::string_view name(Reason reason) noexcept;
[[nodiscard]] std::string_view name(DecisionKind kind) noexcept;

// The reason with this public name.
[[nodiscard]] std::optional<Reason> find_reason(std::string_view name) noexcept;

[[nodiscard]] DecisionKind kind_of(Reason reason) noexcept;

// The HTTP status of the contract for this reason (before the nginx endpoint folds it).
[[nodiscard]] int http_status(Reason reason) noexcept;

}  // namespace bearerd::base
