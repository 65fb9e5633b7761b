// What the service manager is told (sd_notify(3)); nothing at all when there is none.
#pragma once

#include <chrono>
#include <string>

#include "base/clock.hpp"

namespace bearerd::app {

// Control thread only.
class SystemdNotifier {
 public:
  // Reads WATCHDOG_USEC.
  SystemdNotifier();

  void ready(const std::string& status);
  void status(const std::string& status);
  void stopping();
  // Tells that all is well, at most twice in the watchdog's time; nothing when no watchdog is set.
  void feed_watchdog(base::SteadyTime now);

 private:
  std::chrono::microseconds watchdog_{0};
  base::SteadyTime next_feed_{};
};

}  // namespace bearerd::app
