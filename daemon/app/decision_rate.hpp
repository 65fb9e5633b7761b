// How many decisions a second there were lately, for whoever looks at the status.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>

#include "base/clock.hpp"

namespace bearerd::app {

// Any thread.
class DecisionRate {
 public:
  // `total`: since the start. To be told about once a second.
  void sample(base::SteadyTime now, std::uint64_t total);
  // Over the samples of about the last ten seconds; 0 before there are two.
  [[nodiscard]] double per_second() const;

 private:
  struct Sample {
    base::SteadyTime at;
    std::uint64_t total;
  };
  mutable std::mutex mutex_;
  std::deque<Sample> samples_;
};

}  // namespace bearerd::app
