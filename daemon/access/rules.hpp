// Rules about claims, as `access.admin.rules` has them: any one that matches grants, and none of them can take away.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "access/caller.hpp"
#include "settings/regex.hpp"
#include "settings/settings.hpp"

namespace bearerd::access {

// Immutable; any thread.
class Rules {
 public:
  // Patterns that can't be taken were refused with the settings.
  explicit Rules(const std::vector<settings::Rule>& rules);

  // An empty list grants nothing. EQUAL and CONTAIN ignore case, REGEX matches a whole value; one value and one target
  // are enough. TRUE needs its claim to be there, whatever it holds.
  [[nodiscard]] bool grant(const Caller& caller) const;
  // The claims to be kept of a token, so that grant() can look at them; without "roles".
  [[nodiscard]] std::vector<std::string> claim_names() const;

 private:
  struct Rule {
    std::string source;
    settings::RuleFunction function = settings::RuleFunction::kFalse;
    std::vector<std::shared_ptr<const settings::Regex>> targets;
    settings::Rule as_written;
  };
  [[nodiscard]] static bool matches(const Rule& rule, const std::vector<std::string>& values);
  [[nodiscard]] static bool grants(const Rule& rule, const Caller& caller);
  std::vector<Rule> rules_;
};

}  // namespace bearerd::access
