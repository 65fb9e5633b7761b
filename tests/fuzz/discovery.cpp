#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/url.hpp"
#include "keys/discovery.hpp"
#include "keys/key_store.hpp"

// Whatever the document says, an accepted one is of our issuer and names an https URL on our host.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bearerd::keys::KeySourceSettings settings;
  settings.issuer = "https://issuer.example";
  settings.discovery_url = "https://issuer.example/.well-known/openid-configuration";
  const auto discovery = bearerd::keys::parse_discovery({reinterpret_cast<const char*>(data), size});
  if (!discovery || !bearerd::keys::check_discovery(*discovery, settings)) return 0;
  const auto url = bearerd::base::parse_url(discovery->jwks_uri);
  if (discovery->issuer != settings.issuer || !url || !url->is_https || url->host != "issuer.example") std::abort();
  return 0;
}
