// Which entry of other settings a past token would be sent to, as far as what is kept of it tells.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "runtime/candidate.hpp"
#include "verify/recent_decisions.hpp"

namespace bearerd::verify {

enum class Owner : std::uint8_t {
  kSame = 1,  // the same entry as then, or as little as then
  kNobody,    // no entry takes it
  kChanged,   // it had an entry that differs now
  kUnknown,   // another entry takes it, or may do so
};

class TokenOwners {
 public:
  // `takers` have to live as long as this.
  TokenOwners(const std::vector<runtime::TokenTaker>& takers, TokenHasher& hasher);
  [[nodiscard]] Owner owner_of(const PastDecision& decision) const;

 private:
  // In the order in which they are tried, each for all entries. Exact issuers come before.
  enum class Rule : std::uint8_t { kTemplate = 1, kPattern, kNone };
  // At which rule of which entry a search ended.
  using End = std::pair<Rule, std::size_t>;

  [[nodiscard]] Owner owner_of_jwt(const PastDecision& decision, TokenTag issuer) const;
  [[nodiscard]] Owner owner_of_opaque(const PastDecision& decision) const;
  [[nodiscard]] bool has_same_opaque_takers(const DecidedUnder& under) const;
  // `taker` null: none takes it.
  [[nodiscard]] Owner owner(const PastDecision& decision, const runtime::TokenTaker* taker) const;
  [[nodiscard]] Owner doubt(const PastDecision& decision) const;
  [[nodiscard]] const runtime::TokenTaker* find(std::string_view name) const;
  [[nodiscard]] std::vector<End> possible_ends(const PastDecision& decision) const;
  [[nodiscard]] const runtime::TokenTaker* first_that_may_match(const DecidedUnder& under, End end) const;

  const std::vector<runtime::TokenTaker>& takers_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, const runtime::TokenTaker*> by_issuer_;  // by the tag
};

}  // namespace bearerd::verify
