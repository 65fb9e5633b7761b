#include "app/process_limits.hpp"

#include <sys/resource.h>

namespace bearerd::app {
namespace {

constexpr rlim_t kReserve = 64;

}  // namespace

void raise_descriptor_limit() noexcept {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::size_t connection_limit() noexcept {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= 2 * kReserve) return kReserve;
  return limit.rlim_cur - kReserve;
}

}  // namespace bearerd::app
