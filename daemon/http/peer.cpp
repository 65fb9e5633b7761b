#include "http/peer.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "http/groups.hpp"

namespace bearerd::http {
namespace {

// What the kernel shows for an id of another user namespace: many people, so nobody's right.
constexpr unsigned kOverflowId = 65534;

std::optional<std::vector<gid_t>> supplementary_groups(int socket) {
  socklen_t bytes = 0;
  // Asked with no room the kernel answers ERANGE and how much it needs; success means that there are none.
  gid_t none = 0;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, &none, &bytes) == 0) return std::vector<gid_t>{};
  if (errno != ERANGE) return std::nullopt;
  std::vector<gid_t> groups(bytes / sizeof(gid_t));
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &bytes) != 0) return std::nullopt;
  groups.resize(bytes / sizeof(gid_t));
  return groups;
}

bool is_in(const Peer& peer, const std::optional<gid_t>& group) {
  if (!group || *group == kOverflowId) return false;
  return peer.gid == *group || std::ranges::find(peer.groups, *group) != peer.groups.end();
}

}  // namespace

std::optional<Peer> find_peer(int socket) {
  ucred credentials{};
  socklen_t bytes = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &bytes) != 0) return std::nullopt;
  // A TCP socket answers too, with pid 0 and ids of -1.
  if (credentials.pid == 0) return std::nullopt;
  auto groups = supplementary_groups(socket);
  if (!groups) return std::nullopt;
  return Peer{credentials.pid, credentials.uid, credentials.gid, std::move(*groups)};
}

bool Rights::allows(Right right) const noexcept {
  switch (right) {
    case Right::kAdmin:
      return has_admin;
    case Right::kObserve:
      return has_admin || has_observe;
    case Right::kUsage:
      return has_admin || has_usage;
  }
  return false;
}

RightHolders RightHolders::of_this_machine() {
  return {::getuid(), find_group("bearerd-admin"), find_group("bearerd-observe"), find_group("bearerd-usage")};
}

Rights rights_of(const Peer& peer, const RightHolders& holders) {
  const bool is_own_user = peer.uid == holders.own_uid && peer.uid != kOverflowId;
  Rights rights;
  rights.has_admin = peer.uid == 0 || is_own_user || is_in(peer, holders.admin_group);
  rights.has_observe = is_in(peer, holders.observe_group);
  rights.has_usage = is_in(peer, holders.usage_group);
  return rights;
}

}  // namespace bearerd::http
