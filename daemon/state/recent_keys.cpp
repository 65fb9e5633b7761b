#include "state/recent_keys.hpp"

#include <string>

namespace bearerd::state {

bool RecentKeys::admit(const CallerId& caller, std::string_view key, std::int64_t now) {
  std::string name(caller.bytes.begin(), caller.bytes.end());
  name += key;
  const std::uint64_t id = short_digest(name);
  const std::lock_guard lock(mutex_);
  while (!by_age_.empty() && by_age_.front().second <= now - kRememberedSeconds) forget_oldest();
  if (!ids_.insert(id).second) return false;
  if (by_age_.size() >= kMaxKeys) forget_oldest();
  by_age_.push_back({id, now});
  return true;
}

void RecentKeys::forget_oldest() {
  ids_.erase(by_age_.front().id);
  by_age_.pop_front();
}

}  // namespace bearerd::state
