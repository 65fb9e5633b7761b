// A question asked by a thread that may wait, where an event loop parks.
#pragma once

#include "base/clock.hpp"
#include "verify/worker.hpp"

namespace bearerd::verify {

// Blocks until there is a decision, as long as a request on the verify listener would wait: for keys, for counters.
[[nodiscard]] Decision decide_waiting(Worker& worker, const Request& request, const base::Clock& clock);

}  // namespace bearerd::verify
