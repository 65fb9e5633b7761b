// Sorting that keeps the order of equals. std::stable_sort would do, but libstdc++ 12 builds it on
// std::get_temporary_buffer, which C++17 deprecates and clang says so.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace bearerd::settings {

// `key_of` is asked once for each item; what it returns has operator<.
template <class Item, class KeyOf>
void sort_stably_by(std::vector<Item>& items, const KeyOf& key_of) {
  using Key = decltype(key_of(items.front()));
  std::vector<std::pair<Key, std::size_t>> order;  // no two are equal: the position breaks the tie
  order.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) order.emplace_back(key_of(items[i]), i);
  std::sort(order.begin(), order.end());
  std::vector<Item> sorted;
  sorted.reserve(items.size());
  for (const auto& [key, position] : order) sorted.push_back(std::move(items[position]));
  items = std::move(sorted);
}

}  // namespace bearerd::settings
