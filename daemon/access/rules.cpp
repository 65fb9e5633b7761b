#include "access/rules.hpp"

#include <algorithm>

namespace bearerd::access {
namespace {

using settings::Regex;
using settings::RuleFunction;

constexpr std::string_view kRoles = "roles";

std::shared_ptr<const Regex> compile(RuleFunction function, const std::string& target) {
  return (function == RuleFunction::kRegex ? Regex::compile(target) : Regex::compile_ignoring_case(target)).value();
}

bool is_about_claims(std::string_view source) { return !source.empty() && source != kRoles; }

// Null: the caller has no such claim.
const std::vector<std::string>* find_values(const Caller& caller, std::string_view source) {
  if (!is_about_claims(source)) return &caller.roles;
  const auto found = std::find_if(caller.claims.begin(), caller.claims.end(),
                                  [&](const Claim& claim) { return claim.name == source; });
  return found == caller.claims.end() ? nullptr : &found->values;
}

bool matches_one(RuleFunction function, const Regex& target, std::string_view value) {
  return function == RuleFunction::kContain ? target.matches_part(value) : target.matches_whole(value);
}

}  // namespace

Rules::Rules(const std::vector<settings::Rule>& rules) {
  rules_.reserve(rules.size());
  for (const settings::Rule& rule : rules) {
    Rule& compiled = rules_.emplace_back();
    compiled.source = rule.source;
    compiled.function = rule.function;
    compiled.as_written = rule;
    if (rule.function == RuleFunction::kTrue || rule.function == RuleFunction::kFalse) continue;
    for (const std::string& target : rule.targets) compiled.targets.push_back(compile(rule.function, target));
  }
}

bool Rules::matches(const Rule& rule, const std::vector<std::string>& values) {
  if (rule.function == RuleFunction::kTrue) return true;
  if (rule.function == RuleFunction::kFalse) return false;
  return std::any_of(rule.targets.begin(), rule.targets.end(), [&](const auto& target) {
    return std::any_of(values.begin(), values.end(),
                       [&](const std::string& value) { return matches_one(rule.function, *target, value); });
  });
}

bool Rules::grants(const Rule& rule, const Caller& caller) {
  if (caller.oracle != nullptr && is_about_claims(rule.source)) return caller.oracle->matches(rule.as_written);
  const auto* values = find_values(caller, rule.source);
  return values != nullptr && matches(rule, *values);
}

bool Rules::grant(const Caller& caller) const {
  return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) { return grants(rule, caller); });
}

std::vector<std::string> Rules::claim_names() const {
  std::vector<std::string> names;
  for (const Rule& rule : rules_) {
    if (is_about_claims(rule.source)) names.push_back(rule.source);
  }
  return names;
}

}  // namespace bearerd::access
