// Standard input, output and error.
#pragma once

namespace bearerd::app {

// Opens /dev/null on those that are closed, before a descriptor of our own takes the place: what is logged would go
// into it. False when that can't be done.
[[nodiscard]] bool occupy_standard_descriptors() noexcept;

}  // namespace bearerd::app
