#include "keys/absent_names.hpp"

namespace bearerd::keys {

void AbsentNames::remember(std::uint64_t name_hash, base::SteadyTime until) {
  if (const auto found = index_.find(name_hash); found != index_.end()) {
    found->second->until = until;
    entries_.splice(entries_.begin(), entries_, found->second);
    return;
  }
  if (entries_.size() == most_) {
    index_.erase(entries_.back().name_hash);
    entries_.pop_back();
  }
  entries_.push_front({name_hash, until});
  index_.emplace(name_hash, entries_.begin());
}

bool AbsentNames::holds(std::uint64_t name_hash, base::SteadyTime now) {
  const auto found = index_.find(name_hash);
  if (found == index_.end()) return false;
  if (now >= found->second->until) {
    entries_.erase(found->second);
    index_.erase(found);
    return false;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return true;
}

}  // namespace bearerd::keys
