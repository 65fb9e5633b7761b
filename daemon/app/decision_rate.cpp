#include "app/decision_rate.hpp"

#include <chrono>

namespace bearerd::app {
namespace {

constexpr std::chrono::seconds kWindow{10};
constexpr std::chrono::milliseconds kApart{900};

}  // namespace

void DecisionRate::sample(base::SteadyTime now, std::uint64_t total) {
  const std::lock_guard lock(mutex_);
  if (!samples_.empty() && now - samples_.back().at < kApart) return;
  // A provider that went took its counts along.
  if (!samples_.empty() && total < samples_.back().total) samples_.clear();
  samples_.push_back({now, total});
  while (samples_.size() > 2 && now - samples_.front().at > kWindow) samples_.pop_front();
}

double DecisionRate::per_second() const {
  const std::lock_guard lock(mutex_);
  if (samples_.size() < 2) return 0;
  const Sample &first = samples_.front(), &last = samples_.back();
  const double seconds = std::chrono::duration<double>(last.at - first.at).count();
  return static_cast<double>(last.total - first.total) / seconds;
}

}  // namespace bearerd::app
