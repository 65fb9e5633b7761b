// Listening sockets that the service manager opened for us and keeps while we are away (sd_listen_fds(3)), so that a
// restart loses no connection.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.hpp"
#include "http/listening_socket.hpp"
#include "settings/settings.hpp"

namespace bearerd::app {

// By FileDescriptorName= of the socket unit.
struct PassedSockets {
  std::vector<http::ListeningSocket> verify, metrics, admin;
  [[nodiscard]] std::size_t count() const noexcept { return verify.size() + metrics.size() + admin.size(); }
};

// Before other threads exist: takes $LISTEN_FDS and its kin out of the environment. None is no error. kInvalid: a
// socket with a name that we don't know, or of a kind that we can't listen on.
[[nodiscard]] base::Result<PassedSockets> take_passed_sockets();

// Every passed socket must stand in the settings, which say who may reach it and whether it needs TLS. kInvalid names
// the one that doesn't.
[[nodiscard]] base::Result<void> check_passed(const PassedSockets& passed, const settings::Listen& listen);

}  // namespace bearerd::app
