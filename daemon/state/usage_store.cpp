#include "state/usage_store.hpp"

namespace bearerd::state {

void count_recorded(observe::Metrics& metrics, const UsageReport& report) noexcept {
  if (report.tokens > 0) metrics.count_usage(observe::UsageKind::kTokens, static_cast<double>(report.tokens));
  if (report.nanodollars > 0) {
    metrics.count_usage(observe::UsageKind::kCost, static_cast<double>(report.nanodollars) / kNanodollars);
  }
}

}  // namespace bearerd::state
