#include "http/endpoint.hpp"

#include <algorithm>

namespace bearerd::http {
namespace {

constexpr std::string_view kEnvoyPrefix = "/verify/envoy";
constexpr std::string_view kMetadataPrefix = "/.well-known/oauth-protected-resource";

// `path` is the prefix itself or goes on with a slash.
bool is_below(std::string_view path, std::string_view prefix) noexcept {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

Endpoint exact_endpoint(std::string_view path) noexcept {
  if (path == "/verify") return Endpoint::kVerify;
  if (path == "/verify/nginx") return Endpoint::kNginx;
  if (path == "/verify/forward") return Endpoint::kForward;
  if (path == "/healthz") return Endpoint::kHealth;
  if (path == "/readyz") return Endpoint::kReady;
  if (path == "/introspect") return Endpoint::kIntrospect;
  return Endpoint::kUnknown;
}

}  // namespace

Selection select_endpoint(std::string_view target) noexcept {
  if (!target.starts_with('/')) return {Endpoint::kBadTarget, {}, {}};
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, mark);
  const std::string_view query = mark < target.size() ? target.substr(mark + 1) : std::string_view{};
  // Whatever follows this prefix is the protected request's own, even when it reads like one of our paths.
  if (is_below(path, kEnvoyPrefix)) {
    const std::string_view rest = target.substr(kEnvoyPrefix.size());
    return {Endpoint::kEnvoy, rest.starts_with('/') ? rest : "/", query};
  }
  if (is_below(path, kMetadataPrefix)) return {Endpoint::kResourceMetadata, path.substr(kMetadataPrefix.size()), query};
  return {exact_endpoint(path), {}, query};
}

bool has_parameter(std::string_view query, std::string_view name) noexcept {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    if (part.substr(0, part.find('=')) == name) return true;
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return false;
}

}  // namespace bearerd::http
