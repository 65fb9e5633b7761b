// What other settings would have made of the last decisions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/reason.hpp"
#include "runtime/candidate.hpp"
#include "verify/recent_decisions.hpp"

namespace bearerd::verify {

// Why a decision can't be made anew from what is kept of it.
enum class Doubt : std::uint8_t {
  kNoQuestion = 1,  // refused before the request was understood
  kTooLong,         // kept in part
  kProvider,        // its provider's entry differs: whether the token would pass is not known
  kProviders,       // another entry takes the token, or may: one that is new or moved, or its own is gone
  kApiKeys,         // the API keys differ, and which one it was, if one, or from where, is not known
  kClaims,          // it hangs on a claim whose value is not kept
  kLimits,          // it hangs on use that was not counted
};
[[nodiscard]] std::string_view name(Doubt doubt) noexcept;

// Decisions that would change in the same way: `before` as the settings in force decide them now, or as they were
// answered where that can't be told.
struct Change {
  base::Reason before = base::Reason::kInternal, after = base::Reason::kInternal;
  std::string provider, deployment, route;  // names of the candidate's, where one of them decides
  std::vector<std::string> roles;           // sorted
  std::size_t count = 0;
  std::set<std::string> users;  // hashes; at most kMostUsers
  base::WallTime last{};
  std::string method, path, resource;  // of the last one
  static constexpr std::size_t kMostUsers = 1000;
};

struct Comparison {
  std::size_t compared = 0, unchanged = 0, other_reason = 0;
  std::size_t already_changed = 0;  // that the settings in force decide otherwise than was answered
  std::map<Doubt, std::size_t> doubts;
  // How many would become another decision, of all kinds: {before, after}.
  std::map<std::pair<base::DecisionKind, base::DecisionKind>, std::size_t> turned;
  std::vector<Change> changes;                // the most frequent first
  std::size_t left_out = 0;                   // of `changes`: decisions of kinds beyond the bound
  std::optional<base::WallTime> first, last;  // of the decisions looked at
};

[[nodiscard]] Comparison compare(const std::vector<PastDecision>& decisions, const runtime::Rules& running,
                                 const runtime::Rules& candidate);

}  // namespace bearerd::verify
