// When keys are fetched again, and how long they are good.
#pragma once

#include <chrono>

#include "keys/key_store.hpp"

namespace bearerd::keys {

using std::chrono::milliseconds;

// How long a set fetched now is fresh: what the answer said (negative: nothing), not under five minutes, never over
// positive_ttl.
[[nodiscard]] milliseconds lifetime_of(std::chrono::seconds max_age, const KeySourceSettings& settings);

// A refresh starts when a fifth of the lifetime is left, so that one failed attempt costs nobody anything.
[[nodiscard]] milliseconds refresh_after(milliseconds lifetime);

// The delay after the n-th failure in a row (n from 1): up to 1 s, 2 s, 4 s … 60 s, spread evenly by `random` in [0,
// 1), so that many daemons do not ask a recovering issuer at the same moment.
[[nodiscard]] milliseconds retry_delay(unsigned failures, double random);

// For Retry-After: whole seconds, at least one.
[[nodiscard]] std::chrono::seconds seconds_between(base::SteadyTime from, base::SteadyTime to);

}  // namespace bearerd::keys
