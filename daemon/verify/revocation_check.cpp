#include "verify/revocation_check.hpp"

#include "state/usage_store.hpp"

namespace bearerd::verify {
namespace {

std::string stored_text(const state::RevocationMark& mark) {
  return " is revoked; this ends that: bearerctl revoke --end " + to_text(mark);
}

std::string listed_text(const state::RevocationMark& mark) {
  return " is revoked by state.revocationsFile, as " + to_text(mark);
}

}  // namespace

void RevocationCheck::begin_turn(const runtime::Snapshot& snapshot) {
  if (listed_ != snapshot.listed_revocations) listed_ = snapshot.listed_revocations;
  if (stored_box_ == nullptr) return;
  const std::uint64_t serial = stored_box_->serial();
  if (serial == seen_serial_) return;
  stored_ = stored_box_->get();
  seen_serial_ = serial;
}

bool RevocationCheck::revokes(Verdict& verdict, base::WallTime now) const noexcept {
  // Time alone revokes nothing: entries end, and none begins.
  if (verdict.cleared_listed == listed_->serial() && verdict.cleared_stored == stored_->serial()) return false;
  const std::int64_t second = state::second_of(now);
  const auto& issued_at = verdict.lifetime.issued_at;
  if (listed_->revokes(verdict.traces.get(), issued_at, second) ||
      stored_->revokes(verdict.traces.get(), issued_at, second)) {
    return true;
  }
  verdict.cleared_listed = listed_->serial();
  verdict.cleared_stored = stored_->serial();
  return false;
}

std::string RevocationCheck::why(const Verdict& verdict, base::WallTime now) const {
  const auto mark_in = [&](const state::RevocationSet& list) -> std::optional<state::RevocationMark> {
    if (verdict.traces == nullptr) return std::nullopt;
    return list.find(*verdict.traces, verdict.lifetime.issued_at, state::second_of(now));
  };
  if (const auto mark = mark_in(*stored_)) return "it" + stored_text(*mark);
  if (const auto mark = mark_in(*listed_)) return "it" + listed_text(*mark);
  return "what was revoked can't be read, and the token is older than that";
}

bool RevocationCheck::revokes_caller(std::string_view caller, base::WallTime now) const noexcept {
  if (!has_entries()) return false;
  const auto id = state::parse_caller(caller);
  const std::int64_t second = state::second_of(now);
  return id && (listed_->revokes_caller(*id, second) || stored_->revokes_caller(*id, second));
}

std::string RevocationCheck::why_caller(std::string_view caller, base::WallTime now) const {
  const auto id = state::parse_caller(caller);
  if (!id) return {};
  const state::RevocationMark mark{state::RevocationKind::kSubject, *id};
  const bool is_stored = stored_->revokes_caller(*id, state::second_of(now));
  return "its project" + (is_stored ? stored_text(mark) : listed_text(mark));
}

}  // namespace bearerd::verify
