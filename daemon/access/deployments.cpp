#include "access/deployments.hpp"

#include <algorithm>

#include "access/path_pattern.hpp"
#include "access/protected_path.hpp"

namespace bearerd::access {
namespace {

constexpr std::size_t kEncodedBytes = 3;  // of one byte: %2F

constexpr int hex_value(char digit) noexcept {
  return digit <= '9' ? digit - '0' : digit - 'A' + 10;  // a normalised path has no other digits
}

// A name as a path holds it: decoded once, and no more.
std::string decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%' || i + 2 >= text.size()) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
    i += 2;
  }
  return out;
}

}  // namespace

ResourceRules::ResourceRules(const std::vector<std::string>& patterns) {
  rules_.reserve(patterns.size());
  for (const std::string& pattern : patterns)
    rules_.push_back({literal_prefix(pattern).text, settings::Regex::compile(pattern).value()});
}

std::optional<std::string_view> ResourceRules::find(std::string_view path) const noexcept {
  for (const Rule& rule : rules_) {
    if (!path.starts_with(rule.prefix)) continue;
    if (const auto name = rule.pattern->capture(path)) return name;
  }
  return std::nullopt;
}

const std::vector<std::string>& default_resource_rules() {
  static const std::vector<std::string> rules{
      "/openai/deployments/([^/]+)(?:/.*)?",
      "/openai/(?:models|applications|addons|assistants|toolsets)/([^/]+)(?:/.*)?",
      "/v1/deployments/([^/]+)(?:/.*)?",
      "/v1/toolset/([^/]+)(?:/.*)?",
      "/v1/consent/([^/]+)(?:/.*)?",
      "/v1/([^/]+)/rate",
  };
  return rules;
}

Deployments::Deployments(const settings::Dynamic& settings, const std::optional<std::vector<std::string>>& rules) {
  table_.reserve(settings.deployments.size());
  for (const auto& [name, deployment] : settings.deployments) {
    Deployment& entry = table_[name];
    if (deployment.user_roles) entry.roles.emplace(*deployment.user_roles);
    longest_name_ = std::max(longest_name_, name.size());
    most_slashes_ = std::max(most_slashes_, static_cast<std::size_t>(std::count(name.begin(), name.end(), '/')));
  }
  for (auto& [name, deployment] : table_) deployment.name = name;
  // Applications that have nothing to do with DIAL have such paths too; where nothing is deployed they name nothing.
  if (!rules && !table_.empty()) rules_.emplace(default_resource_rules());
  if (rules && !rules->empty()) rules_.emplace(*rules);
}

const Deployment* Deployments::find(std::string_view name) const {
  const auto found = table_.find(name);
  return found == table_.end() ? nullptr : &found->second;
}

// "org/model" may come as "org%2Fmodel", and DIAL Core takes the bare slash for a part of the name as well. So that
// "org" never answers for it, the longest name that is configured counts.
Deployments::Match Deployments::longest_name(std::string_view path, std::size_t begin, std::size_t end) const {
  const auto match_to = [&](std::size_t to) {
    const std::string_view text = path.substr(begin, to - begin);
    return Match{to, text.find('%') == std::string_view::npos ? find(text) : find(decode(text))};
  };
  Match longest = match_to(end);
  if (end < path.size() && path[end] != '/') return longest;
  const std::size_t limit = std::min(path.size(), begin + kEncodedBytes * longest_name_);
  for (std::size_t slashes = 0; slashes < most_slashes_ && end < limit; ++slashes) {
    end = std::min(path.find('/', end + 1), path.size());
    if (const Match longer = match_to(end); longer.deployment != nullptr) longest = longer;
  }
  return longest;
}

std::optional<Deployments::Named> Deployments::find_by_path(std::string_view path) const {
  const auto name = rules_ ? rules_->find(path) : std::nullopt;
  if (!name) return std::nullopt;
  const auto begin = static_cast<std::size_t>(name->data() - path.data());
  const Match match = longest_name(path, begin, begin + name->size());
  return Named{match.deployment, has_encoded_slash(path.substr(0, begin)) || has_encoded_slash(path.substr(match.end))};
}

}  // namespace bearerd::access
