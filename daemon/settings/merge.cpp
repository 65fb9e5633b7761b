#include "settings/merge.hpp"

#include <iterator>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace bearerd::settings {
namespace {

// By an index: somebody's hundred thousand routes in two files are looked up, each in all of the other's.
void merge_members(std::vector<Member>& target, std::vector<Member> source, bool overwrites_arrays) {
  target.reserve(target.size() + source.size());  // so that what the index points to stays where it is
  std::unordered_map<std::string_view, Member*> by_key;
  by_key.reserve(target.capacity());
  for (Member& member : target) by_key.try_emplace(member.key, &member);
  for (Member& member : source) {
    if (const auto found = by_key.find(member.key); found != by_key.end()) {
      merge_into(*found->second, std::move(member), overwrites_arrays);
    } else {
      Member& added = target.emplace_back(std::move(member));
      by_key.emplace(added.key, &added);
    }
  }
}

}  // namespace

void merge_into(Node& target, Node source, bool overwrites_arrays) {
  if (target.is_array() && source.is_array() && !overwrites_arrays) {
    target.elements.insert(target.elements.end(), std::make_move_iterator(source.elements.begin()),
                           std::make_move_iterator(source.elements.end()));
    return;
  }
  if (!target.is_object() || !source.is_object()) {
    target = std::move(source);
    return;
  }
  merge_members(target.members, std::move(source.members), overwrites_arrays);
}

void merge_into(Member& target, Member source, bool overwrites_arrays) {
  const bool is_kept = target.value.is_object() && source.value.is_object();
  if (!is_kept) target.where = std::move(source.where);
  merge_into(target.value, std::move(source.value), overwrites_arrays);
}

}  // namespace bearerd::settings
