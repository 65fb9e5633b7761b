#include "verify/token_owners.hpp"

#include <algorithm>
#include <optional>

namespace bearerd::verify {
namespace {

using runtime::TokenTaker;

// Nothing: it was not there, or differs.
std::optional<std::size_t> place_then(const TokenTaker& taker, const DecidedUnder& under) {
  const auto found = under.providers.find(taker.name);
  const bool is_same = found != under.providers.end() && found->second.digest == taker.digest;
  return is_same ? std::optional(found->second.place) : std::nullopt;
}

}  // namespace

TokenOwners::TokenOwners(const std::vector<TokenTaker>& takers, TokenHasher& hasher) : takers_(takers) {
  for (const TokenTaker& taker : takers) {
    for (const std::string& issuer : taker.issuers) {
      const TokenTag tag = hasher.tag(issuer);
      by_issuer_.emplace(std::pair(tag.high, tag.low), &taker);
    }
  }
}

Owner TokenOwners::owner_of(const PastDecision& decision) const {
  if (decision.opaque) return owner_of_opaque(decision);
  // Without an issuer it was refused before anybody was looked for.
  return decision.issuer ? owner_of_jwt(decision, *decision.issuer) : Owner::kSame;
}

Owner TokenOwners::owner_of_jwt(const PastDecision& decision, TokenTag issuer) const {
  const auto exact = by_issuer_.find({issuer.high, issuer.low});
  if (exact != by_issuer_.end()) return owner(decision, exact->second);
  for (const End& end : possible_ends(decision)) {
    const Owner found = owner(decision, first_that_may_match(*decision.under, end));
    if (found != Owner::kSame) return found;
  }
  return Owner::kSame;
}

// All are asked, and the first that knows the token decides. Of a refusal it is not known who said what.
Owner TokenOwners::owner_of_opaque(const PastDecision& decision) const {
  const auto takes_opaque = [](const TokenTaker& taker) { return taker.takes_opaque; };
  if (std::none_of(takers_.begin(), takers_.end(), takes_opaque)) return Owner::kNobody;
  if (!decision.is_authenticated) return has_same_opaque_takers(*decision.under) ? Owner::kSame : doubt(decision);
  const auto then = decision.under->providers.find(decision.provider);
  for (const TokenTaker& taker : takers_) {
    if (!taker.takes_opaque) continue;
    if (taker.name == decision.provider) return owner(decision, &taker);
    const auto place = place_then(taker, *decision.under);
    if (!place || then == decision.under->providers.end() || *place > then->second.place) break;
  }
  return doubt(decision);
}

bool TokenOwners::has_same_opaque_takers(const DecidedUnder& under) const {
  std::vector<std::size_t> places;
  for (const TokenTaker& taker : takers_) {
    if (!taker.takes_opaque) continue;
    const auto place = place_then(taker, under);
    if (!place) return false;
    places.push_back(*place);
  }
  const auto count = std::count_if(under.providers.begin(), under.providers.end(),
                                   [](const auto& entry) { return entry.second.takes_opaque; });
  return static_cast<std::size_t>(count) == places.size() && std::is_sorted(places.begin(), places.end());
}

Owner TokenOwners::owner(const PastDecision& decision, const TokenTaker* taker) const {
  if (taker == nullptr) return Owner::kNobody;
  return taker->name == decision.provider && place_then(*taker, *decision.under) ? Owner::kSame : doubt(decision);
}

Owner TokenOwners::doubt(const PastDecision& decision) const {
  const TokenTaker* const own = find(decision.provider);
  return own != nullptr && !place_then(*own, *decision.under) ? Owner::kChanged : Owner::kUnknown;
}

const TokenTaker* TokenOwners::find(std::string_view name) const {
  const auto found =
      std::find_if(takers_.begin(), takers_.end(), [&](const TokenTaker& taker) { return taker.name == name; });
  return found == takers_.end() ? nullptr : &*found;
}

// Where the search ended then: an entry with a template and a pattern took the token by the one or by the other.
std::vector<TokenOwners::End> TokenOwners::possible_ends(const PastDecision& decision) const {
  if (!decision.under->providers.contains(decision.provider)) return {{Rule::kNone, 0}};
  const TokenTaker* const own = find(decision.provider);
  const auto place = own != nullptr ? place_then(*own, *decision.under) : std::nullopt;
  if (!place) return {{Rule::kTemplate, 0}};  // its rules are not known any more
  std::vector<End> ends;
  if (own->has_template) ends.emplace_back(Rule::kTemplate, *place);
  if (own->has_pattern) ends.emplace_back(Rule::kPattern, *place);
  if (ends.empty()) ends.emplace_back(Rule::kNone, 0);
  return ends;
}

// What was tried in vain then, before the search came to its end, does not match now either.
const TokenTaker* TokenOwners::first_that_may_match(const DecidedUnder& under, End end) const {
  for (const Rule rule : {Rule::kTemplate, Rule::kPattern}) {
    for (const TokenTaker& taker : takers_) {
      if (!(rule == Rule::kTemplate ? taker.has_template : taker.has_pattern)) continue;
      const auto place = place_then(taker, under);
      if (!place || End(rule, *place) >= end) return &taker;
    }
  }
  const bool is_alone =
      takers_.size() == 1 && takers_[0].issuers.empty() && !takers_[0].has_template && !takers_[0].has_pattern;
  return is_alone ? &takers_[0] : nullptr;
}

}  // namespace bearerd::verify
