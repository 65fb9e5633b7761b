// The usual process_* metrics, read from /proc/self at each scrape.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

namespace bearerd::observe {

// What can't be read is left out rather than given as 0.
[[nodiscard]] std::vector<prometheus::MetricFamily> process_metrics();

}  // namespace bearerd::observe
