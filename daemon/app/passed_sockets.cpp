#include "app/passed_sockets.hpp"

#include <systemd/sd-daemon.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace bearerd::app {
namespace {

using base::ErrorCode;
using base::Result;

struct FreeNames {
  void operator()(char** names) const noexcept {
    for (char** name = names; *name != nullptr; ++name) std::free(*name);
    std::free(static_cast<void*>(names));
  }
};

std::vector<http::ListeningSocket>* list_of(PassedSockets& sockets, std::string_view name) {
  if (name == "verify") return &sockets.verify;
  if (name == "metrics") return &sockets.metrics;
  return name == "admin" ? &sockets.admin : nullptr;
}

Result<void> add(PassedSockets& sockets, base::FileDescriptor fd, const std::string& name) {
  auto* const list = list_of(sockets, name);
  if (list == nullptr) {
    return base::fail(ErrorCode::kInvalid,
                      "a socket was passed as \"" + name + "\": FileDescriptorName= must be verify, metrics or admin");
  }
  auto socket = http::adopt(std::move(fd));
  if (!socket) return base::fail(socket.error().code, "the socket passed as " + name + ": " + socket.error().text);
  list->push_back(std::move(*socket));
  return {};
}

std::string listed(const std::vector<settings::Address>& addresses) {
  std::string text;
  for (const settings::Address& address : addresses) text += (text.empty() ? "" : ", ") + address.display();
  return text.empty() ? "nothing" : text;
}

Result<void> check_list(const char* name, const std::vector<http::ListeningSocket>& sockets,
                        const std::vector<settings::Address>& addresses) {
  for (const http::ListeningSocket& socket : sockets) {
    if (http::is_bound_to_any(socket, addresses)) continue;
    return base::fail(ErrorCode::kInvalid,
                      "bearerd-" + std::string(name) + ".socket listens on " +
                          http::bound_address(socket.fd.get()).display() + ", but listen." + name + " has " +
                          listed(addresses) + ": make ListenStream= and the setting agree, or disable the socket unit");
  }
  return {};
}

}  // namespace

Result<PassedSockets> take_passed_sockets() {
  char** raw = nullptr;
  const int count = ::sd_listen_fds_with_names(1, &raw);
  const std::unique_ptr<char*, FreeNames> names(raw);
  if (count < 0) {
    return base::fail(ErrorCode::kInvalid,
                      "take the sockets that were passed: $LISTEN_FDS: " + base::system_error_text(-count));
  }
  std::vector<base::FileDescriptor> descriptors;  // all of them, so that none stays open after an error
  descriptors.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) descriptors.emplace_back(SD_LISTEN_FDS_START + i);
  PassedSockets sockets;
  for (int i = 0; i < count; ++i) {
    const auto index = static_cast<std::size_t>(i);
    if (auto added = add(sockets, std::move(descriptors[index]), names.get()[index]); !added) {
      return tl::make_unexpected(std::move(added.error()));
    }
  }
  return sockets;
}

Result<void> check_passed(const PassedSockets& passed, const settings::Listen& listen) {
  if (auto good = check_list("verify", passed.verify, listen.verify); !good) return good;
  if (auto good = check_list("metrics", passed.metrics, listen.metrics); !good) return good;
  return check_list("admin", passed.admin, listen.admin);
}

}  // namespace bearerd::app
