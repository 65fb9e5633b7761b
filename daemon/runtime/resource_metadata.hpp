// The document of RFC 9728 §2, made once for each snapshot.
#pragma once

#include <string>

#include "runtime/snapshot.hpp"

namespace bearerd::runtime {

// Empty when verify.resource is not set.
[[nodiscard]] std::string resource_metadata(const Snapshot& snapshot);

}  // namespace bearerd::runtime
