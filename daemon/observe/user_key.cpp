#include "observe/user_key.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/text.hpp"

namespace bearerd::observe {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

}  // namespace

std::string user_key(const base::Secret& salt, std::string_view claim) {
  // Fetching the digest takes a lock inside OpenSSL; once is enough.
  static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> sha256(EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                                      &EVP_MD_free);
  thread_local const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  const bool is_done = sha256 && context && EVP_DigestInit_ex2(context.get(), sha256.get(), nullptr) == 1 &&
                       EVP_DigestUpdate(context.get(), salt.bytes().data(), salt.size()) == 1 &&
                       EVP_DigestUpdate(context.get(), claim.data(), claim.size()) == 1 &&
                       EVP_DigestFinal_ex(context.get(), digest.data(), &length) == 1;
  // Better a line without a user than one with the claim in clear.
  if (!is_done) return {};
  return base::hex(std::span(digest).first(length));
}

}  // namespace bearerd::observe
