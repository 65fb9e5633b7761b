// Providers that an operator switched off while the daemon runs: their tokens are refused until somebody switches them
// on, over restarts too.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bearerd::state {

struct DisabledProviders {
  std::set<std::string, std::less<>> names;  // also of such as the settings don't have now
  bool is_everyone = false;                  // which ones is not known: all of them
  [[nodiscard]] bool contains(std::string_view name) const { return is_everyone || names.contains(name); }
};

// Control thread only.
class DisabledStore {
 public:
  // Reads <directory>/disabled-providers, when it is there. What can't be read switches everybody off: who was meant
  // is not known, and a token wrongly accepted is worse than one wrongly refused.
  explicit DisabledStore(const std::string& directory);

  // Never null.
  [[nodiscard]] const std::shared_ptr<const DisabledProviders>& current() const noexcept { return current_; }
  // Why everybody is switched off; empty: it is known who is.
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

  // On disk before it returns; an error changes nothing. While it is not known who is meant, `known` (the settings'
  // providers) count as switched off, each until it is switched on.
  [[nodiscard]] base::Result<void> set(const std::string& name, bool is_enabled, const std::set<std::string>& known);

 private:
  const std::string path_;
  std::shared_ptr<const DisabledProviders> current_;
  std::string fault_;
};

}  // namespace bearerd::state
