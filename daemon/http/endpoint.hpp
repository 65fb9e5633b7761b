// Which endpoint a request is for: decided from the raw bytes of its target, before anything is decoded. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bearerd::http {

enum class Endpoint : std::uint8_t {
  kVerify = 0,
  kNginx,
  kForward,
  kEnvoy,
  kHealth,
  kReady,
  kResourceMetadata,
  kIntrospect,
  kUnknown,    // 404
  kBadTarget,  // 400: absolute, authority or asterisk form
};

inline constexpr std::size_t kVerifyEndpointCount = 4;

struct Selection {
  Endpoint endpoint = Endpoint::kUnknown;
  // kEnvoy: the original path with its query, "/" for none. kResourceMetadata: what follows the well-known path.
  std::string_view rest;
  std::string_view query;  // behind the first '?'
};

[[nodiscard]] Selection select_endpoint(std::string_view target) noexcept;

[[nodiscard]] constexpr bool is_verify(Endpoint endpoint) noexcept { return endpoint <= Endpoint::kEnvoy; }

// Is `name` one of the &-separated parts of `query`, with or without a value?
[[nodiscard]] bool has_parameter(std::string_view query, std::string_view name) noexcept;

}  // namespace bearerd::http
