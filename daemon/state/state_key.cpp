#include "state/state_key.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <string.h>  // explicit_bzero is not in <cstring>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/file.hpp"

namespace bearerd::state {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kMaxFileBytes = 4096;

// A length goes in front, so that no two pairs of names give the same input.
[[nodiscard]] bool add_prefixed(EVP_MAC_CTX* context, std::string_view value) {
  const auto length = static_cast<std::uint32_t>(value.size());
  std::array<unsigned char, 4> prefix{};
  for (std::size_t i = 0; i < prefix.size(); ++i) prefix[i] = static_cast<unsigned char>(length >> (8 * i));
  return EVP_MAC_update(context, prefix.data(), prefix.size()) == 1 &&
         EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(value.data()), value.size()) == 1;
}

// Fetching the algorithm, making a context and hashing the key into it cost more than the MAC itself, so each thread
// keeps one that is ready for the key that it was asked for last.
class KeyedHmac {
 public:
  KeyedHmac()
      : mac_(EVP_MAC_fetch(nullptr, "HMAC", nullptr)), context_(mac_ != nullptr ? EVP_MAC_CTX_new(mac_) : nullptr) {
    std::array<char, 7> digest{"SHA256"};
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0), OSSL_PARAM_construct_end()};
    if (context_ == nullptr || EVP_MAC_CTX_set_params(context_, parameters.data()) != 1)
      throw std::runtime_error("OpenSSL has no HMAC");
  }
  ~KeyedHmac() {
    EVP_MAC_CTX_free(context_);
    EVP_MAC_free(mac_);
  }
  KeyedHmac(const KeyedHmac&) = delete;
  KeyedHmac& operator=(const KeyedHmac&) = delete;

  [[nodiscard]] EVP_MAC_CTX* begin(const base::Secret& key) {
    // Without a key OpenSSL starts again with the one that is hashed in.
    const bool is_same = !key_.empty() && key_ == key;
    if (!is_same) key_ = base::Secret();
    if (EVP_MAC_init(context_, is_same ? nullptr : key.bytes().data(), is_same ? 0 : key.size(), nullptr) != 1)
      throw std::runtime_error("HMAC failed");
    if (!is_same) key_ = key;
    return context_;
  }

 private:
  EVP_MAC* mac_;
  EVP_MAC_CTX* context_;
  base::Secret key_;  // of the context; empty: none
};

}  // namespace

base::Result<base::Secret> make_ephemeral_key() {
  std::vector<std::uint8_t> bytes(kKeyBytes);
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return base::fail(base::ErrorCode::kInternal, "cannot make a key: no random bytes");
  }
  return base::Secret(std::move(bytes));
}

base::Result<base::Secret> open_state_key(const std::string& path) {
  auto file = base::read_file(path, kMaxFileBytes);
  if (!file && file.error().code == base::ErrorCode::kNotFound) {
    auto key = make_ephemeral_key();
    if (!key) return key;
    if (auto written = base::replace_file(path, key->as_text(), 0600); !written)
      return tl::make_unexpected(written.error());
    return key;
  }
  if (!file) return tl::make_unexpected(file.error());
  base::Secret key(file->bytes);
  explicit_bzero(file->bytes.data(), file->bytes.size());
  if (file->status.st_uid != ::geteuid() && file->status.st_uid != 0) {
    return base::fail(base::ErrorCode::kDenied, path + " belongs to somebody else; give it to the daemon's user");
  }
  if ((file->status.st_mode & 077U) != 0) {
    return base::fail(base::ErrorCode::kDenied, path + " can be read by others; run: chmod 600 " + path);
  }
  if (key.size() < kKeyBytes) {
    return base::fail(base::ErrorCode::kInvalid, path + " holds fewer than 32 bytes; remove it to have a new one made");
  }
  return key;
}

CallerId keyed_handle(const base::Secret& key, std::span<const std::string_view> parts) {
  static thread_local KeyedHmac hmac;
  EVP_MAC_CTX* context = hmac.begin(key);
  CallerId caller;
  std::size_t size = 0;
  const bool is_made = std::ranges::all_of(parts, [&](std::string_view part) { return add_prefixed(context, part); }) &&
                       EVP_MAC_final(context, caller.bytes.data(), &size, caller.bytes.size()) == 1;
  if (!is_made || size != caller.bytes.size()) throw std::runtime_error("HMAC failed");
  return caller;
}

std::string caller_key(const base::Secret& key, std::string_view provider, std::string_view user_id) {
  return to_text(keyed_handle(key, std::array{provider, user_id}));
}

}  // namespace bearerd::state
