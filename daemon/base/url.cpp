#include "base/url.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <optional>

#include "base/ascii.hpp"
#include "base/text.hpp"

namespace bearerd::base {
namespace {

constexpr std::size_t kMaxHostBytes = 253;  // 255 octets of RFC 1035 §2.3.4, without the first length and the root's

tl::unexpected<Error> refuse(std::string text) { return fail(ErrorCode::kInvalid, std::move(text)); }

struct Authority {
  std::string_view host, port;
  bool is_bracketed = false;
};

// nullopt when brackets or the colon are not where they belong.
std::optional<Authority> split_authority(std::string_view text) {
  Authority parts;
  std::size_t host_end = std::min(text.find(':'), text.size());
  parts.host = text.substr(0, host_end);
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    parts.is_bracketed = true;
    parts.host = text.substr(1, bracket - 1);
    host_end = bracket + 1;
  }
  if (host_end == text.size()) return parts;
  parts.port = text.substr(host_end + 1);
  if (text[host_end] != ':' || parts.port.empty()) return std::nullopt;
  return parts;
}

bool is_valid_host(const Authority& authority) {
  return authority.is_bracketed ? is_ipv6_literal(authority.host) : is_host_name(authority.host);
}

Result<void> read_authority(std::string_view text, Url& url) {
  if (text.find('@') != std::string_view::npos) return refuse("has a user name before its host; write it without");
  const auto authority = split_authority(text);
  if (!authority || !is_valid_host(*authority)) return refuse("has no valid host");
  url.host = to_lower(authority->host);
  if (url.host.ends_with('.')) url.host.pop_back();
  url.port = url.is_https ? 443 : 80;
  if (authority->port.empty()) return {};
  const auto port = parse_decimal(authority->port);
  if (!port || *port == 0 || *port > 65535) return refuse("has no valid port");
  url.port = static_cast<std::uint16_t>(*port);
  return {};
}

}  // namespace

std::string Url::authority() const {
  std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (is_https ? 443 : 80)) text += ":" + std::to_string(port);
  return text;
}

std::string Url::origin() const { return (is_https ? "https://" : "http://") + authority(); }

Result<Url> parse_url(std::string_view text) {
  if (text.size() > kMaxUrlBytes) return refuse("is longer than " + std::to_string(kMaxUrlBytes) + " bytes");
  const std::size_t scheme_end = std::min(text.find("://"), text.size());
  const std::string scheme = to_lower(text.substr(0, scheme_end));
  if (scheme_end == text.size() || (scheme != "https" && scheme != "http")) return refuse("is no https URL");
  if (text.find('#') != std::string_view::npos) return refuse("has a fragment (#…); write it without");
  text.remove_prefix(scheme_end + 3);

  Url url;
  url.is_https = scheme == "https";
  const std::size_t authority_end = std::min(text.find_first_of("/?"), text.size());
  if (const auto read = read_authority(text.substr(0, authority_end), url); !read)
    return tl::make_unexpected(read.error());
  const std::string_view target = text.substr(authority_end);
  if (!std::all_of(target.begin(), target.end(), is_url_character))
    return refuse("holds a character behind its host that must be percent-encoded");
  url.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
  return url;
}

bool is_url_character(char c) noexcept {
  return is_alphanumeric(c) || std::string_view("-._~%!$&'()*+,;=:@/?").find(c) != std::string_view::npos;
}

bool is_host_name(std::string_view host) noexcept {
  const bool has_empty_label = host.starts_with('.') || host.find("..") != std::string_view::npos;
  if (host.ends_with('.')) host.remove_suffix(1);
  return !has_empty_label && is_made_of(host, "-._") && host.size() <= kMaxHostBytes;
}

bool is_ipv6_literal(std::string_view host) {
  in6_addr address{};
  // Of the marks alone: inet_pton stops at a NUL.
  return is_made_of(host, ":.") && ::inet_pton(AF_INET6, std::string(host).c_str(), &address) == 1;
}

bool is_loopback_host(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  const std::string text(host);
  in_addr four{};
  if (::inet_pton(AF_INET, text.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24U) == 127;
  in6_addr six{};
  if (::inet_pton(AF_INET6, text.c_str(), &six) != 1) return false;
  // Whoever connects to ::ffff:127.0.0.1 is connected to 127.0.0.1.
  return IN6_IS_ADDR_LOOPBACK(&six) != 0 || (IN6_IS_ADDR_V4MAPPED(&six) != 0 && six.s6_addr[12] == 127);
}

}  // namespace bearerd::base
