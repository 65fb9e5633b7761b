#include "settings/revocation.hpp"

#include <array>
#include <cstdint>
#include <utility>

#include "base/base64url.hpp"

namespace bearerd::settings {
namespace {

constexpr std::size_t kMaxValueBytes = 1024;

tl::unexpected<base::Error> invalid(std::string text) { return base::fail(base::ErrorCode::kInvalid, std::move(text)); }

struct Named {
  std::string_view name;
  std::optional<std::string>* value;
  RevocationKind kind;
};

// Exactly what a caller can be: an HMAC-SHA-256 in base64url.
bool is_caller(std::string_view text) {
  std::array<std::uint8_t, 32> bytes{};
  return base::decoded_size(text.size()) == bytes.size() && base::decode_base64url(text, bytes.data());
}

base::Result<void> check_text(std::string_view name, const std::optional<std::string>& text) {
  if (!text || (!text->empty() && text->size() <= kMaxValueBytes)) return {};
  return invalid("\"" + std::string(name) + "\" has to have 1 to " + std::to_string(kMaxValueBytes) + " bytes");
}

}  // namespace

std::string_view name(RevocationKind kind) noexcept {
  switch (kind) {
    case RevocationKind::kToken:
      return "jti";
    case RevocationKind::kSession:
      return "session";
    case RevocationKind::kSubject:
      return "subject";
    case RevocationKind::kSubjectBefore:
      return "subject_issued_before";
    case RevocationKind::kKey:
      return "key";
    case RevocationKind::kProviderBefore:
      break;
  }
  return "provider_issued_before";
}

base::Result<Revocation> resolve(RevocationDraft draft) {
  std::array<Named, 5> members{{{"jti", &draft.jti, RevocationKind::kToken},
                                {"session", &draft.session, RevocationKind::kSession},
                                {"subject", &draft.subject, RevocationKind::kSubject},
                                {"caller", &draft.caller, RevocationKind::kSubject},
                                {"key", &draft.key, RevocationKind::kKey}}};
  Revocation revocation;
  revocation.kind = RevocationKind::kProviderBefore;
  if (auto good = check_text("provider", draft.provider); !good) return tl::make_unexpected(good.error());
  const Named* chosen = nullptr;
  for (const Named& member : members) {
    if (!*member.value) continue;
    if (auto good = check_text(member.name, *member.value); !good) return tl::make_unexpected(good.error());
    if (chosen != nullptr) {
      return invalid("\"" + std::string(chosen->name) + "\" and \"" + std::string(member.name) +
                     "\" can't stand together: write two revocations");
    }
    chosen = &member;
  }
  revocation.is_caller = draft.caller.has_value();
  if (revocation.is_caller && !is_caller(*draft.caller)) {
    return invalid("\"caller\" has to be the 43 characters that X-Bearerd-Caller said");
  }
  if (!draft.provider && !revocation.is_caller) return invalid("\"provider\" is missing: the name of its entry");
  if (chosen == nullptr && !draft.issued_before) {
    return invalid(
        R"(one of "jti", "session", "subject", "caller", "key" or "issuedBefore" (in calls: "issued_before") is missing)");
  }
  if (chosen != nullptr) {
    revocation.kind = chosen->kind;
    revocation.value = std::move(**chosen->value);
  }
  if (draft.issued_before && revocation.kind == RevocationKind::kSubject)
    revocation.kind = RevocationKind::kSubjectBefore;
  const bool has_moment =
      revocation.kind == RevocationKind::kSubjectBefore || revocation.kind == RevocationKind::kProviderBefore;
  if (draft.issued_before && !has_moment) {
    return invalid(
        "\"issuedBefore\" (in calls: \"issued_before\") goes with a user or with a provider alone, not with \"" +
        std::string(chosen->name) + "\"");
  }
  if (draft.provider) revocation.provider = std::move(*draft.provider);
  revocation.issued_before = draft.issued_before;
  revocation.until = draft.until;
  return revocation;
}

}  // namespace bearerd::settings
