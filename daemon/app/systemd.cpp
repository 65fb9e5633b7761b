#include "app/systemd.hpp"

#include <systemd/sd-daemon.h>

#include <cstdint>

namespace bearerd::app {

SystemdNotifier::SystemdNotifier() {
  std::uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(0, &microseconds) > 0) watchdog_ = std::chrono::microseconds(microseconds);
}

void SystemdNotifier::ready(const std::string& status) { ::sd_notify(0, ("READY=1\nSTATUS=" + status).c_str()); }

void SystemdNotifier::status(const std::string& status) { ::sd_notify(0, ("STATUS=" + status).c_str()); }

void SystemdNotifier::stopping() { ::sd_notify(0, "STOPPING=1\nSTATUS=Answering what is under way"); }

void SystemdNotifier::feed_watchdog(base::SteadyTime now) {
  if (watchdog_.count() == 0 || now < next_feed_) return;
  next_feed_ = now + watchdog_ / 3;
  ::sd_notify(0, "WATCHDOG=1");
}

}  // namespace bearerd::app
