#include "access/client_address.hpp"

namespace bearerd::access {
namespace {

// RFC 9110 §5.6.3.
constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<std::string_view> find_client(std::string_view forwarded_for, unsigned proxy_count) noexcept {
  for (; proxy_count > 0; --proxy_count) {
    const std::size_t comma = forwarded_for.rfind(',');
    if (comma == std::string_view::npos) return std::nullopt;
    forwarded_for = forwarded_for.substr(0, comma);
  }
  const std::size_t comma = forwarded_for.rfind(',');
  const std::string_view entry =
      trim(comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1));
  if (entry.empty()) return std::nullopt;
  return entry;
}

}  // namespace bearerd::access
