// Key names that were looked for and not found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>

#include "base/clock.hpp"

namespace bearerd::keys {

// Holds hashes, not the sender's bytes; when full, the name asked for longest ago is forgotten. Not thread-safe.
class AbsentNames {
 public:
  explicit AbsentNames(std::size_t most) : most_(most) {}
  void remember(std::uint64_t name_hash, base::SteadyTime until);
  [[nodiscard]] bool holds(std::uint64_t name_hash, base::SteadyTime now);
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    std::uint64_t name_hash;
    base::SteadyTime until;
  };
  std::size_t most_;
  std::list<Entry> entries_;  // the last asked for in front
  std::unordered_map<std::uint64_t, std::list<Entry>::iterator> index_;
};

}  // namespace bearerd::keys
