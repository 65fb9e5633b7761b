// Gauges that are read off the running snapshot: which providers can decide, which plugins are loaded.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/clock.hpp"
#include "observe/metrics.hpp"
#include "plugin/instance.hpp"
#include "runtime/snapshot.hpp"

namespace bearerd::app {

// Control thread only.
class Gauges {
 public:
  // Both outlive this.
  Gauges(observe::Metrics& metrics, const plugin::Loader& loader) : metrics_(metrics), loader_(loader) {}
  void update(const runtime::Snapshot& snapshot, base::SteadyTime now);

 private:
  struct Exported {
    std::string version, abi;
    friend bool operator==(const Exported&, const Exported&) = default;
  };
  void update_plugins();

  observe::Metrics& metrics_;
  const plugin::Loader& loader_;
  std::map<std::string, Exported> plugins_;
  std::uint64_t seen_serial_ = 0;
};

}  // namespace bearerd::app
