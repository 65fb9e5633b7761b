#include "access/path_index.hpp"

#include <algorithm>
#include <utility>

namespace bearerd::access {
namespace {

// Bounds what asking may put on the stack; deeper patterns are tried one by one.
constexpr int kMaxDepth = 16;

}  // namespace

std::shared_ptr<const settings::Regex> RegexPool::get(const std::string& text) {
  std::shared_ptr<const settings::Regex>& regex = by_text_[text];
  // Patterns that can't be taken were refused with the settings.
  if (regex == nullptr) regex = settings::Regex::compile(text).value();
  return regex;
}

PathIndex::PathIndex(const std::vector<RoutePattern>& patterns, RegexPool& pool, int depth) {
  struct Draft {
    std::vector<Leaf> leaves;
    std::map<std::string, std::vector<RoutePattern>> segments;
  };
  std::map<std::string, Draft> drafts;
  for (const RoutePattern& pattern : patterns) {
    LiteralPrefix prefix = literal_prefix(pattern.text);
    Draft& draft = drafts[std::move(prefix.text)];
    const bool is_pattern = prefix.rest == LiteralPrefix::Rest::kPattern;
    const auto split = is_pattern && depth < kMaxDepth ? split_segment(prefix.rest_pattern) : std::nullopt;
    if (split) {
      draft.segments[std::string(split->segment)].push_back({pattern.route, std::string(split->below)});
    } else {
      draft.leaves.push_back({pattern.route, prefix.rest, is_pattern ? pool.get(prefix.rest_pattern) : nullptr});
    }
  }
  branches_.reserve(drafts.size());
  for (auto& [prefix, draft] : drafts) {
    Branch branch{prefix, kNone, std::move(draft.leaves), {}};
    for (const auto& [segment, below] : draft.segments) {
      branch.segments.push_back({below.front().route, pool.get(segment),
                                 std::unique_ptr<const PathIndex>(new PathIndex(below, pool, depth + 1))});
    }
    branches_.push_back(std::move(branch));
  }
  link_branches();
}

// In sorted order, what a prefix begins with stands before it, and only what begins with the same stands in between.
void PathIndex::link_branches() {
  std::vector<std::uint32_t> open;  // each a prefix of the next
  for (std::uint32_t i = 0; i < branches_.size(); ++i) {
    while (!open.empty() && !branches_[i].prefix.starts_with(branches_[open.back()].prefix)) open.pop_back();
    if (!open.empty()) branches_[i].parent = open.back();
    open.push_back(i);
  }
}

std::uint32_t PathIndex::last_branch(std::string_view path) const noexcept {
  const auto after = std::upper_bound(branches_.begin(), branches_.end(), path,
                                      [](std::string_view text, const Branch& branch) { return text < branch.prefix; });
  if (after == branches_.begin()) return kNone;
  // Every prefix of `path` among the branches is the one before `after`, or a prefix of that.
  auto place = static_cast<std::uint32_t>(after - branches_.begin() - 1);
  while (place != kNone && !path.starts_with(branches_[place].prefix)) place = branches_[place].parent;
  return place;
}

bool PathIndex::matches(const Leaf& leaf, std::string_view rest) noexcept {
  if (leaf.rest == LiteralPrefix::Rest::kNothing) return rest.empty();
  return leaf.rest == LiteralPrefix::Rest::kAnything || leaf.pattern->matches_whole(rest);
}

bool PathIndex::takes(const Segment& segment, std::string_view rest) noexcept {
  const std::size_t slash = rest.find('/');
  return slash != std::string_view::npos && segment.pattern->matches_whole(rest.substr(0, slash));
}

}  // namespace bearerd::access
