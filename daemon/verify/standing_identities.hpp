// Identities that come from the settings and not from a token: each API key's, and nobody's.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "access/api_keys.hpp"
#include "runtime/snapshot.hpp"
#include "verify/worker.hpp"

namespace bearerd::verify {

// Made when first asked for, good for one snapshot. Not thread-safe: one per worker.
class StandingIdentities {
 public:
  // For an anonymous route: all headers, all empty.
  [[nodiscard]] std::shared_ptr<const Identity> nobody(const runtime::Snapshot& snapshot);
  // `key` is one of the snapshot's. Null when its project does not fit into verify.maxIdentityBytes: an allow that
  // names nobody is none.
  [[nodiscard]] std::shared_ptr<const Identity> of(const runtime::Snapshot& snapshot, const access::ApiKey& key);

 private:
  void turn_to(const runtime::Snapshot& snapshot);

  std::uint64_t snapshot_ = 0;  // its serial
  std::shared_ptr<const Identity> nobody_;
  std::vector<std::shared_ptr<const Identity>> of_keys_;  // by ApiKey::number
};

}  // namespace bearerd::verify
