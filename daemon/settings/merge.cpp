#include "settings/merge.hpp"

#include <iterator>
#include <utility>

namespace bearerd::settings {

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
  for (Member& member : source.members) {
    if (Member* existing = target.find(member.key)) {
      existing->where = member.where;
      merge_into(existing->value, std::move(member.value), overwrites_arrays);
    } else {
      target.members.push_back(std::move(member));
    }
  }
}

}  // namespace bearerd::settings
