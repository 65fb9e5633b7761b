#include "access/path_index.hpp"

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

#include "base/fnv.hpp"

namespace bearerd::access {
namespace {

// Bounds what asking may put on the stack; deeper patterns are tried one by one.
constexpr int kMaxDepth = 16;

// Paths may be chosen to collide, but what is looked among is the operator's and does not grow.
std::uint64_t hash_on(std::uint64_t hash, std::string_view bytes) noexcept {
  for (const char byte : bytes) hash = base::fnv_on(hash, byte);
  return hash;
}
constexpr std::size_t place_of(std::uint64_t hash) noexcept { return hash ^ (hash >> 32U); }
constexpr std::uint32_t tag_of(std::uint64_t hash) noexcept { return static_cast<std::uint32_t>(hash >> 32U); }

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
  fill_slots();
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

void PathIndex::fill_slots() {
  slots_.resize(std::bit_ceil(2 * branches_.size() + 1));
  std::set<std::size_t> lengths;
  for (std::uint32_t i = 0; i < branches_.size(); ++i) {
    const std::string& prefix = branches_[i].prefix;
    lengths.insert(prefix.size());
    const std::uint64_t hash = hash_on(base::kFnvStart, prefix);
    std::size_t place = place_of(hash);
    while (slots_[place & (slots_.size() - 1)].branch != kNone) ++place;
    slots_[place & (slots_.size() - 1)] = {tag_of(hash), i};
  }
  lengths_.assign(lengths.begin(), lengths.end());
}

std::uint32_t PathIndex::look_up(std::uint64_t hash, std::string_view prefix) const noexcept {
  for (std::size_t place = place_of(hash);; ++place) {
    const Slot& slot = slots_[place & (slots_.size() - 1)];
    if (slot.branch == kNone) return kNone;
    if (slot.tag == tag_of(hash) && branches_[slot.branch].prefix == prefix) return slot.branch;
  }
}

std::uint32_t PathIndex::last_branch(std::string_view path) const noexcept {
  std::uint32_t last = kNone;
  std::uint64_t hash = base::kFnvStart;
  std::size_t hashed = 0;
  for (const std::size_t length : lengths_) {
    if (length > path.size()) break;
    hash = hash_on(hash, path.substr(hashed, length - hashed));
    hashed = length;
    const std::uint32_t found = look_up(hash, path.substr(0, length));
    if (found != kNone) last = found;
  }
  return last;
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
