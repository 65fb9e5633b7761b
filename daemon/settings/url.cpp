#include "settings/url.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "base/text.hpp"

namespace bearerd::settings {
namespace {

tl::unexpected<base::Error> refuse(std::string text) { return base::fail(base::ErrorCode::kInvalid, std::move(text)); }

// What RFC 3986 has no place for; a backslash is read as a slash by some and not by others.
bool has_forbidden_byte(std::string_view text) {
  constexpr std::string_view kForbidden = "\\\"<>^`{|} ";
  return std::any_of(text.begin(), text.end(), [&](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F ||
           kForbidden.find(c) != std::string_view::npos;
  });
}

bool is_dns_or_ipv4(std::string_view host) {
  return base::is_made_of(host, ".-_") && host.size() <= 253 && host.front() != '.' &&
         host.find("..") == std::string_view::npos;
}

bool is_ipv6(std::string_view host) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, std::string(host).c_str(), &address) == 1;
}

base::Result<std::string> parse_host(std::string_view authority) {
  if (authority.find('@') != std::string_view::npos) return refuse("has a user name before its host; write it without");
  std::string_view host = authority, port;
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos || !is_ipv6(authority.substr(1, end - 1))) return refuse("has no valid host");
    host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    host = authority.substr(0, colon);
    port = authority.substr(colon);
    if (!is_dns_or_ipv4(host)) return refuse("has no valid host");
  }
  if (!port.empty()) {
    const auto number = port.front() == ':' ? base::parse_decimal(port.substr(1)) : std::nullopt;
    if (!number || *number == 0 || *number > 65535) return refuse("has no valid port");
  }
  return base::to_lower(host);
}

}  // namespace

base::Result<Url> parse_url(std::string_view text) {
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos) {
    return refuse("has no scheme: write " + std::string("https://") + std::string(text));
  }
  const std::string scheme = base::to_lower(text.substr(0, mark));
  if (scheme != "https" && scheme != "http") return refuse("is no https URL");
  const std::string_view rest = text.substr(mark + 3);
  if (!rest.empty() && rest.front() == '/') {
    const std::size_t begin = std::min(rest.find_first_not_of('/'), rest.size());
    return refuse("has three slashes after the scheme: write " + scheme + "://" + std::string(rest.substr(begin)));
  }
  if (has_forbidden_byte(text)) return refuse("holds a character that a URL can't have");
  if (text.find('#') != std::string_view::npos) return refuse("has a fragment (#…); write it without");
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  auto host = parse_host(rest.substr(0, end));
  if (!host) return tl::make_unexpected(host.error());
  return Url{scheme == "https", std::move(*host), end == rest.size() ? "/" : std::string(rest.substr(end))};
}

bool is_loopback_host(std::string_view host) {
  if (host == "localhost") return true;
  const std::string text(host);
  in_addr four{};
  if (::inet_pton(AF_INET, text.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  in6_addr six{};
  return ::inet_pton(AF_INET6, text.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

std::optional<std::string> find_placeholder(std::string_view text) {
  if (const std::size_t dollar = text.find("${"); dollar != std::string_view::npos) {
    const std::size_t end = text.find('}', dollar);
    if (end != std::string_view::npos) return std::string(text.substr(dollar, end - dollar + 1));
  }
  for (std::size_t open = text.find('<'); open != std::string_view::npos; open = text.find('<', open + 1)) {
    const bool is_group_name = open > 0 && (text[open - 1] == '?' || text[open - 1] == 'P');
    const std::size_t close = text.find('>', open);
    if (close == std::string_view::npos) break;
    const std::string_view name = text.substr(open + 1, close - open - 1);
    if (base::is_made_of(name, "_-. ") && !is_group_name) return std::string(text.substr(open, close - open + 1));
  }
  return std::nullopt;
}

bool is_host_pattern(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) return is_ipv6(text.substr(1, text.size() - 2));
  return is_dns_or_ipv4(text.starts_with("*.") ? text.substr(2) : text);
}

bool is_guid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : !base::is_hex_digit(text[i])) return false;
  }
  return true;
}

bool has_guid_segment(std::string_view path) {
  path = path.substr(0, path.find('?'));
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (is_guid(path.substr(0, end))) return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

}  // namespace bearerd::settings
