#include "keys/discovery.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/url.hpp"
#include "jose/claims.hpp"
#include "keys/key_store.hpp"

namespace bearerd::keys {

using base::ErrorCode;

base::Result<Discovery> parse_discovery(std::string_view json) {
  const auto document = jose::ClaimsDocument::parse(json, kMaxDiscoveryBytes);
  if (!document)
    return base::fail(document.error().code, "the discovery document is not usable: " + document.error().text);
  const auto issuer = document->claims().string_of("issuer");
  const auto jwks_uri = document->claims().string_of("jwks_uri");
  if (!issuer || !jwks_uri)
    return base::fail(ErrorCode::kInvalid, "the discovery document has no issuer or no jwks_uri");
  return Discovery{std::string(*issuer), std::string(*jwks_uri)};
}

base::Result<void> check_discovery(const Discovery& discovery, const KeySourceSettings& settings) {
  // Without this, whoever can serve one document would speak for every issuer (RFC 8414 §6.2).
  if (settings.issuer.empty() || discovery.issuer != settings.issuer) {
    return base::fail(ErrorCode::kDenied, "the discovery document is of another issuer than the configured one");
  }
  const auto from = base::parse_url(settings.discovery_url);
  if (!from) return base::fail(from.error().code, "the discovery URL " + from.error().text);
  const auto to = base::parse_url(discovery.jwks_uri);
  if (!to) return base::fail(ErrorCode::kDenied, "the jwks_uri " + to.error().text);
  if (!to->is_https && (from->is_https || !base::is_loopback_host(to->host)))
    return base::fail(ErrorCode::kDenied, "the jwks_uri is not https");
  const auto is_host = [&](const std::string& host) { return base::equals_ignoring_case(host, to->host); };
  const auto& extra = settings.extra_jwks_hosts;
  if (!is_host(from->host) && std::none_of(extra.begin(), extra.end(), is_host)) {
    return base::fail(ErrorCode::kDenied, "the jwks_uri is on another host (" + to->host +
                                              ") than the discovery document; if that is right, add \"jwksUrl\": \"" +
                                              discovery.jwks_uri + "\"");
  }
  return {};
}

}  // namespace bearerd::keys
