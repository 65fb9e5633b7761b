// What the system lets this process have.
#pragma once

#include <cstddef>

namespace bearerd::app {

// Lifts the soft limit of open files to the hard one: idle callers must not take the descriptors that keys, settings
// and the admin socket need.
void raise_descriptor_limit() noexcept;

// How many connections may be held so that some descriptors are left for everything else.
[[nodiscard]] std::size_t connection_limit() noexcept;

}  // namespace bearerd::app
