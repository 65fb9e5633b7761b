#include "settings/digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <stdexcept>

#include "base/text.hpp"

namespace bearerd::settings {

std::string digest_of(std::string_view content) {
  std::array<std::uint8_t, 32> hash{};
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, content.data(), content.size(), hash.data(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 is not available");
  }
  return base::hex(hash);
}

}  // namespace bearerd::settings
