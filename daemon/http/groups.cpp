#include "http/groups.hpp"

#include <grp.h>

#include <array>

namespace bearerd::http {

std::optional<gid_t> find_group(const std::string& name) {
  std::array<char, 16384> buffer{};
  group entry{};
  group* found = nullptr;
  if (::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return std::nullopt;
  }
  return found->gr_gid;
}

}  // namespace bearerd::http
