// Several dynamic files become one tree.
#pragma once

#include "settings/node.hpp"

namespace bearerd::settings {

// As DIAL Core does: objects are merged key by key, lists are joined (or replaced), anything else is replaced.
// Pieces keep the places where they came from.
void merge_into(Node& target, Node source, bool overwrites_arrays);

}  // namespace bearerd::settings
