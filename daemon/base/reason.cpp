#include "base/reason.hpp"

namespace bearerd::base {
namespace {

struct Row {
  Reason reason;
  std::string_view name;
  DecisionKind kind;
  int status;
};

using enum DecisionKind;

constexpr std::array<Row, kReasonCount> kRows{{
    {Reason::kOk, "ok", kAllow, 200},
    {Reason::kNoToken, "no_token", kDeny, 401},
    {Reason::kMalformed, "malformed", kDeny, 401},
    {Reason::kTooLarge, "too_large", kDeny, 431},
    {Reason::kUnknownIssuer, "unknown_issuer", kDeny, 401},
    {Reason::kWrongTenant, "wrong_tenant", kDeny, 401},
    {Reason::kAlgNotAllowed, "alg_not_allowed", kDeny, 401},
    {Reason::kUnknownKey, "unknown_key", kDeny, 401},
    {Reason::kBadSignature, "bad_signature", kDeny, 401},
    {Reason::kExpired, "expired", kDeny, 401},
    {Reason::kNotYetValid, "not_yet_valid", kDeny, 401},
    {Reason::kTooOld, "too_old", kDeny, 401},
    {Reason::kWrongAudience, "wrong_audience", kDeny, 401},
    {Reason::kWrongTokenUse, "wrong_token_use", kDeny, 401},
    {Reason::kMissingClaim, "missing_claim", kDeny, 401},
    {Reason::kClaimRejected, "claim_rejected", kDeny, 401},
    {Reason::kEncryptedToken, "encrypted_token", kDeny, 401},
    {Reason::kCriticalHeader, "critical_header", kDeny, 401},
    {Reason::kOpaqueInactive, "opaque_inactive", kDeny, 401},
    {Reason::kOpaqueUnsupported, "opaque_unsupported", kDeny, 401},
    {Reason::kSenderConstrained, "sender_constrained", kDeny, 401},
    {Reason::kRevoked, "revoked", kDeny, 401},
    {Reason::kUnknownApiKey, "unknown_api_key", kDeny, 401},
    {Reason::kAddressNotAllowed, "address_not_allowed", kDeny, 403},
    {Reason::kNoRole, "no_role", kDeny, 403},
    {Reason::kNoRoute, "no_route", kDeny, 403},
    {Reason::kUnknownResource, "unknown_resource", kDeny, 404},
    {Reason::kLimitReached, "limit_reached", kDeny, 429},
    {Reason::kProviderUnavailable, "provider_unavailable", kError, 503},
    {Reason::kBadRequest, "bad_request", kDeny, 400},
    {Reason::kOverloaded, "overloaded", kError, 503},
    {Reason::kInternal, "internal", kError, 503},
}};

// Anything that is not in the list is treated as our own fault: unsure means no.
constexpr const Row& row(Reason reason) noexcept {
  for (const Row& row : kRows) {
    if (row.reason == reason) return row;
  }
  return kRows.back();
}

constexpr std::array<Reason, kReasonCount> list() noexcept {
  std::array<Reason, kReasonCount> reasons{};
  for (std::size_t i = 0; i < kReasonCount; ++i) reasons[i] = kRows[i].reason;
  return reasons;
}

constexpr std::array<Reason, kReasonCount> kReasons = list();

}  // namespace

const std::array<Reason, kReasonCount>& all_reasons() noexcept { return kReasons; }

std::string_view name(Reason reason) noexcept { return row(reason).name; }

std::string_view name(DecisionKind kind) noexcept {
  switch (kind) {
    case kAllow:
      return "allow";
    case kDeny:
      return "deny";
    case kError:
      break;
  }
  return "error";
}

std::optional<Reason> find_reason(std::string_view name) noexcept {
  for (const Row& row : kRows) {
    if (row.name == name) return row.reason;
  }
  return std::nullopt;
}

DecisionKind kind_of(Reason reason) noexcept { return row(reason).kind; }

int http_status(Reason reason) noexcept { return row(reason).status; }

}  // namespace bearerd::base
