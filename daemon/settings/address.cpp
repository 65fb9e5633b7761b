#include "settings/address.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <string>

#include "base/text.hpp"
#include "base/url.hpp"

namespace bearerd::settings {
namespace {

constexpr std::string_view kUnix = "unix:";
// sun_path holds a final NUL.
constexpr std::size_t kMaxSocketPath = sizeof(sockaddr_un::sun_path) - 1;

tl::unexpected<base::Error> refuse(std::string text) { return base::fail(base::ErrorCode::kInvalid, std::move(text)); }

int family_of(const std::string& host) {
  in6_addr buffer{};
  if (::inet_pton(AF_INET, host.c_str(), &buffer) == 1) return AF_INET;
  return ::inet_pton(AF_INET6, host.c_str(), &buffer) == 1 ? AF_INET6 : AF_UNSPEC;
}

base::Result<Address> parse_unix(std::string_view path) {
  if (path.empty() || path.front() != '/')
    return refuse("a socket's path begins with /, as in \"unix:/run/bearerd/verify.sock\"");
  if (path.size() > kMaxSocketPath)
    return refuse("a socket's path has at most " + std::to_string(kMaxSocketPath) + " bytes");
  if (path.find('\0') != std::string_view::npos) return refuse("a socket's path can't hold a NUL");
  Address address;
  address.is_unix = true;
  address.path = path;
  return address;
}

}  // namespace

std::string Address::display() const {
  if (is_unix) return std::string(kUnix) + path;
  const std::string number = std::to_string(port);
  return host.find(':') == std::string::npos ? host + ":" + number : "[" + host + "]:" + number;
}

base::Result<Address> parse_address(std::string_view text) {
  if (text.substr(0, kUnix.size()) == kUnix) return parse_unix(text.substr(kUnix.size()));
  const std::size_t colon = text.rfind(':');
  const auto port = colon == std::string_view::npos ? std::nullopt : base::parse_decimal(text.substr(colon + 1));
  if (!port || *port > 65535) return refuse(R"(an address is "host:port" or "unix:/path")");
  std::string_view host = text.substr(0, colon);
  const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  Address address;
  address.host = host == "localhost" ? "127.0.0.1" : std::string(host);
  address.port = static_cast<std::uint16_t>(*port);
  const int family = family_of(address.host);
  if (family == AF_UNSPEC) return refuse("the host must be a numeric address or localhost, as in \"127.0.0.1:9180\"");
  if ((family == AF_INET6) != is_bracketed)
    return refuse("only an IPv6 address stands in brackets, as in \"[::1]:9180\"");
  return address;
}

bool is_local(const Address& address) { return address.is_unix || base::is_loopback_host(address.host); }

}  // namespace bearerd::settings
