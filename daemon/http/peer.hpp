// Who is at the other end of a UNIX socket, by the kernel's word, and what the admin API lets them do.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace bearerd::http {

// Taken by the kernel when the peer connected; what it becomes later changes nothing.
struct Peer {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // supplementary
};

// Nullopt: the kernel does not say (no UNIX socket).
[[nodiscard]] std::optional<Peer> find_peer(int socket);

enum class Right : std::uint8_t { kAdmin = 1, kObserve, kUsage };

struct Rights {
  bool has_admin = false, has_observe = false, has_usage = false;
  [[nodiscard]] bool has_any() const noexcept { return has_admin || has_observe || has_usage; }
  // admin covers everything.
  [[nodiscard]] bool allows(Right right) const noexcept;
};

// The ids that give rights; an absent group gives none.
struct RightHolders {
  uid_t own_uid = 0;
  std::optional<gid_t> admin_group, observe_group, usage_group;
  // Our own uid, and the groups bearerd-admin, bearerd-observe and bearerd-usage of this machine.
  [[nodiscard]] static RightHolders of_this_machine();
};

[[nodiscard]] Rights rights_of(const Peer& peer, const RightHolders& holders);

}  // namespace bearerd::http
