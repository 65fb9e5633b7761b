// Up to the first line end a range, behind it X-Forwarded-For: whatever they are, an address lies in a range exactly
// when the first bits of both are the same.
#include "access/client_address.hpp"

#include <cstdint>
#include <cstdlib>

#include "settings/address_range.hpp"

using bearerd::settings::AddressRange;
using bearerd::settings::ClientAddress;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const std::size_t line = text.find('\n');
  const std::string_view sent = line == std::string_view::npos ? std::string_view{} : text.substr(line + 1);
  const auto range = AddressRange::parse(text.substr(0, line));
  for (unsigned proxies = 0; proxies < 3; ++proxies) {
    const auto client = bearerd::access::find_client(sent, proxies);
    if (!client) continue;
    if (client->empty() || client->find(',') != std::string_view::npos) std::abort();
    const auto address = ClientAddress::parse(*client);
    if (!address) continue;
    // An address is a range of one, and lies in it.
    const auto alone = AddressRange::parse(*client);
    if (!alone || !alone->contains(*address)) std::abort();
    static_cast<void>(range && range->contains(*address));
  }
  return 0;
}
