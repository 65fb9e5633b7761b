// Names to addresses, within a deadline.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/address.hpp"

namespace bearerd::net {

// Any thread. Errors: kUnavailable (no such name, resolver trouble), kTimeout.
class Resolver {
 public:
  virtual ~Resolver() = default;
  [[nodiscard]] virtual base::Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port,
                                                                   base::SteadyTime deadline) = 0;
};

// getaddrinfo() has no deadline and can't be cancelled, so it runs in a thread of its own that is left behind when the
// deadline passes. Few such threads may hang per name, so a dead resolver can't fill the process, and one name's
// trouble is not another's.
class SystemResolver final : public Resolver {
 public:
  [[nodiscard]] base::Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port,
                                                           base::SteadyTime deadline) override;
};

}  // namespace bearerd::net
