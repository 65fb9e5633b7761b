// Gauges that are read off the running snapshot: which providers can decide, which plugins serve.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/clock.hpp"
#include "observe/metrics.hpp"
#include "runtime/snapshot.hpp"

namespace bearerd::app {

// Control thread only.
class Gauges {
 public:
  // `metrics` outlives this.
  explicit Gauges(observe::Metrics& metrics) : metrics_(metrics) {}
  void update(const runtime::Snapshot& snapshot, const base::Clock& clock);

 private:
  struct Exported {
    std::string version, abi;
    friend bool operator==(const Exported&, const Exported&) = default;
  };
  void tell_file_keys(const runtime::Snapshot& snapshot, base::WallTime now);
  void update_plugins(const runtime::Snapshot& snapshot);

  observe::Metrics& metrics_;
  std::map<std::string, Exported> plugins_;
  std::map<std::string, std::uint64_t> told_;  // providers whose keys are from files, and their epochs
  std::uint64_t seen_serial_ = 0;
};

}  // namespace bearerd::app
