#include "observe/refusal_limiter.hpp"

#include <chrono>

namespace bearerd::observe {
namespace {

// Providers come and go with reloads; their windows must not pile up for ever. Far above any real number of providers.
constexpr std::size_t kMaxWindows = 8192;

}  // namespace

RefusalLimiter::Window& RefusalLimiter::window(std::string_view provider, base::Reason reason, base::SteadyTime now) {
  const auto found = windows_.find(std::pair<std::string_view, base::Reason>(provider, reason));
  if (found != windows_.end()) return found->second;
  if (windows_.size() >= kMaxWindows) windows_.clear();
  Window& fresh = windows_[Kind(provider, reason)];
  fresh.start = now;
  return fresh;
}

std::optional<std::uint64_t> RefusalLimiter::admit(std::string_view provider, base::Reason reason, base::SteadyTime now,
                                                   unsigned per_second) {
  const std::lock_guard lock(mutex_);
  Window& kind = window(provider, reason, now);
  if (now - kind.start >= std::chrono::seconds(1)) {
    kind.start = now;
    kind.lines = 0;
  }
  if (kind.lines >= per_second) {
    ++kind.omitted;
    return std::nullopt;
  }
  ++kind.lines;
  return std::exchange(kind.omitted, 0);
}

std::vector<std::pair<RefusalLimiter::Kind, std::uint64_t>> RefusalLimiter::take_omitted(base::SteadyTime now) {
  std::vector<std::pair<Kind, std::uint64_t>> taken;
  const std::lock_guard lock(mutex_);
  for (auto& [kind, window] : windows_) {
    const bool is_over = now - window.start >= std::chrono::seconds(1);
    if (is_over && window.omitted > 0) taken.emplace_back(kind, std::exchange(window.omitted, 0));
  }
  return taken;
}

}  // namespace bearerd::observe
