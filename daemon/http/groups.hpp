// The system's groups by name: who may open a socket, and what its callers may do.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace bearerd::http {

// Nothing: the system has no such group. Asks the name service, which may wait: at start only.
[[nodiscard]] std::optional<gid_t> find_group(const std::string& name);

}  // namespace bearerd::http
