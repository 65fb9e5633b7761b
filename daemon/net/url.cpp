#include "net/url.hpp"

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "base/text.hpp"
#include "net/address.hpp"

namespace bearerd::net {
namespace {

using base::ErrorCode;

constexpr std::size_t kMaxUrlBytes = 4096;
constexpr std::size_t kMaxHostBytes = 255;

// What RFC 3986 allows in a path or a query; everything else would be read in different ways by different programs.
bool is_target_character(char c) noexcept {
  return base::is_alphanumeric(c) || std::string_view("-._~%!$&'()*+,;=:@/?").find(c) != std::string_view::npos;
}

// Underscores are no host name, but internal zones have them.
bool is_host_name(std::string_view host) noexcept { return base::is_made_of(host, "-._"); }

struct Authority {
  std::string_view host, port;
  bool is_bracketed = false;
  bool is_valid = false;
};

Authority split_authority(std::string_view text) {
  Authority parts;
  std::size_t host_end = text.find(':');
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return parts;
    parts.is_bracketed = true;
    parts.host = text.substr(1, bracket - 1);
    host_end = bracket + 1;
  } else {
    parts.host = text.substr(0, host_end);
  }
  if (host_end >= text.size()) {
    parts.is_valid = true;
    return parts;
  }
  if (text[host_end] != ':') return parts;
  parts.port = text.substr(host_end + 1);
  parts.is_valid = !parts.port.empty();
  return parts;
}

bool is_valid_host(const Authority& authority) {
  if (authority.host.size() > kMaxHostBytes) return false;
  if (authority.is_bracketed) return is_ipv6_literal(authority.host);
  return is_host_name(authority.host);
}

std::string without_trailing_dot(std::string host) {
  if (host.ends_with('.')) host.pop_back();
  return host;
}

}  // namespace

std::string Url::authority() const {
  std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (is_https ? 443 : 80)) text += ":" + std::to_string(port);
  return text;
}

std::string Url::origin() const { return (is_https ? "https://" : "http://") + authority(); }

base::Result<Url> parse_url(std::string_view text) {
  if (text.size() > kMaxUrlBytes)
    return base::fail(ErrorCode::kInvalid, "the URL is longer than " + std::to_string(kMaxUrlBytes) + " bytes");
  const std::size_t scheme_end = text.find("://");
  const std::string scheme = base::to_lower(text.substr(0, std::min(scheme_end, text.size())));
  if (scheme_end == std::string_view::npos || (scheme != "https" && scheme != "http")) {
    return base::fail(ErrorCode::kInvalid, "the URL does not start with https://");
  }
  Url url;
  url.is_https = scheme == "https";
  url.port = url.is_https ? 443 : 80;
  text.remove_prefix(scheme_end + 3);

  const std::size_t authority_end = std::min(text.find_first_of("/?#"), text.size());
  const std::string_view authority_text = text.substr(0, authority_end);
  std::string_view target = text.substr(authority_end);
  if (authority_text.find('@') != std::string_view::npos)
    return base::fail(ErrorCode::kInvalid, "the URL holds user information");
  if (target.find('#') != std::string_view::npos) return base::fail(ErrorCode::kInvalid, "the URL has a fragment");
  const Authority authority = split_authority(authority_text);
  if (!authority.is_valid || !is_valid_host(authority))
    return base::fail(ErrorCode::kInvalid, "the URL's host is not valid");
  if (!authority.port.empty()) {
    const auto port = base::parse_decimal(authority.port);
    if (!port || *port == 0 || *port > 65535) return base::fail(ErrorCode::kInvalid, "the URL's port is not valid");
    url.port = static_cast<std::uint16_t>(*port);
  }
  if (!std::all_of(target.begin(), target.end(), is_target_character)) {
    return base::fail(ErrorCode::kInvalid, "the URL's path holds a character that must be percent-encoded");
  }
  url.host = without_trailing_dot(base::to_lower(authority.host));
  if (url.host.empty()) return base::fail(ErrorCode::kInvalid, "the URL's host is not valid");
  url.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
  return url;
}

base::Result<Url> resolve_reference(const Url& base, std::string_view reference) {
  // Checked before POCO's lenient parser may repair what we want to refuse.
  if (reference.empty() || reference.size() > kMaxUrlBytes)
    return base::fail(ErrorCode::kInvalid, "the redirect names no usable place");
  const bool is_plain = std::all_of(reference.begin(), reference.end(),
                                    [](char c) { return c == '[' || c == ']' || is_target_character(c); });
  if (!is_plain) return base::fail(ErrorCode::kInvalid, "the redirect holds a character that a URL may not hold");
  if (reference.find("://") != std::string_view::npos && reference.find("://") < reference.find_first_of("/?"))
    return parse_url(reference);
  // POCO takes a network-path reference (RFC 3986 §4.2) for a path.
  if (reference.starts_with("//")) return parse_url((base.is_https ? "https:" : "http:") + std::string(reference));
  try {
    Poco::URI uri(base.origin() + base.target);
    uri.resolve(std::string(reference));
    return parse_url(uri.toString());
  } catch (const Poco::Exception&) {
    return base::fail(ErrorCode::kInvalid, "the redirect is not a URL");
  }
}

bool is_loopback_host(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  const auto address = Address::from_literal(host, 0);
  return address && address->is_loopback();
}

}  // namespace bearerd::net
