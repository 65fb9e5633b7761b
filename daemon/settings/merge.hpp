// Several dynamic files become one tree, and so do the static file and the environment.
#pragma once

#include "settings/node.hpp"

namespace bearerd::settings {

// As DIAL Core does: objects are merged key by key, lists are joined (or replaced), anything else is replaced.
// Pieces keep the places where they came from.
void merge_into(Node& target, Node source, bool overwrites_arrays);
// An object that is merged stays where it was; its key does, too.
void merge_into(Member& target, Member source, bool overwrites_arrays);

}  // namespace bearerd::settings
