// A TCP connection to an address that we looked at first.
#pragma once

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/result.hpp"
#include "base/url.hpp"
#include "net/resolver.hpp"

namespace bearerd::net {

// Resolves, drops the addresses that are refused (for plain http: all but loopback), and tries the rest in the
// resolver's order until the deadline. The address checked is the one connected to, so a name that changes in between
// gains nothing (DNS rebinding). The descriptor is blocking. kDenied, kUnavailable, kTimeout.
[[nodiscard]] base::Result<base::FileDescriptor> connect_to(const base::Url& url, Resolver& resolver,
                                                            base::SteadyTime deadline);

}  // namespace bearerd::net
