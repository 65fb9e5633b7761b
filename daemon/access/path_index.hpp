// Patterns of whole paths, found by what they begin with rather than tried one after another.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "access/path_pattern.hpp"
#include "settings/regex.hpp"

namespace bearerd::access {

struct RoutePattern {
  std::uint32_t route = 0;  // index: lower goes before higher
  std::string text;         // one that RE2 takes
};

// Each text is compiled once: many patterns differ in their beginning alone, and what follows stays in the processor's
// cache.
class RegexPool {
 public:
  [[nodiscard]] std::shared_ptr<const settings::Regex> get(const std::string& text);

 private:
  std::map<std::string, std::shared_ptr<const settings::Regex>> by_text_;
};

// Immutable; any thread; allocates nothing when asked.
class PathIndex {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  PathIndex() = default;
  // In the order of their routes.
  PathIndex(const std::vector<RoutePattern>& patterns, RegexPool& pool) : PathIndex(patterns, pool, 0) {}

  // The first route before `end` that `accepts` and one of whose patterns matches `path`; else `end`.
  template <typename Accepts>
  [[nodiscard]] std::uint32_t find(std::string_view path, std::uint32_t end, const Accepts& accepts) const noexcept {
    for (std::uint32_t place = last_branch(path); place != kNone; place = branches_[place].parent) {
      const Branch& branch = branches_[place];
      const std::string_view rest = path.substr(branch.prefix.size());
      end = find_leaf(branch, rest, end, accepts);
      for (const Segment& segment : branch.segments) {
        if (segment.first_route < end && takes(segment, rest))
          end = segment.below->find(rest.substr(rest.find('/')), end, accepts);
      }
    }
    return end;
  }

 private:
  // What follows the prefix matches as a whole.
  struct Leaf {
    std::uint32_t route = 0;
    LiteralPrefix::Rest rest = LiteralPrefix::Rest::kPattern;
    std::shared_ptr<const settings::Regex> pattern;  // of kPattern
  };
  // What follows the prefix is the rest of a path segment, and then what `below` finds.
  struct Segment {
    std::uint32_t first_route = 0;
    std::shared_ptr<const settings::Regex> pattern;
    std::unique_ptr<const PathIndex> below;
  };
  // All patterns with one literal beginning.
  struct Branch {
    std::string prefix;
    std::uint32_t parent = kNone;  // the branch with the longest shorter prefix of this one
    std::vector<Leaf> leaves;      // in the order of their routes
    std::vector<Segment> segments;
  };

  // Where a branch is found by the hash of its prefix, without touching the others: memory that is not in the
  // processor's caches is what ten thousand of them cost.
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t branch = kNone;
  };

  PathIndex(const std::vector<RoutePattern>& patterns, RegexPool& pool, int depth);
  void link_branches();
  void fill_slots();
  [[nodiscard]] std::uint32_t look_up(std::uint64_t hash, std::string_view prefix) const noexcept;
  // The branch with the longest prefix of `path`.
  [[nodiscard]] std::uint32_t last_branch(std::string_view path) const noexcept;
  [[nodiscard]] static bool matches(const Leaf& leaf, std::string_view rest) noexcept;
  [[nodiscard]] static bool takes(const Segment& segment, std::string_view rest) noexcept;

  template <typename Accepts>
  [[nodiscard]] static std::uint32_t find_leaf(const Branch& branch, std::string_view rest, std::uint32_t end,
                                               const Accepts& accepts) noexcept {
    for (const Leaf& leaf : branch.leaves) {
      if (leaf.route >= end) break;
      if (accepts(leaf.route) && matches(leaf, rest)) return leaf.route;
    }
    return end;
  }

  std::vector<Branch> branches_;      // sorted by prefix
  std::vector<Slot> slots_;           // open addressing; a power of two, half of it free at least
  std::vector<std::size_t> lengths_;  // of the prefixes, each once, ascending
};

}  // namespace bearerd::access
