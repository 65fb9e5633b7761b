#include "state/state_key.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <string.h>  // explicit_bzero is not in <cstring>
#include <sys/stat.h>
#include <unistd.h>

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

// Lengths go in front, so that no two pairs of names give the same input.
void append_prefixed(std::string& input, std::string_view value) {
  const auto length = static_cast<std::uint32_t>(value.size());
  for (unsigned shift = 0; shift < 32; shift += 8) input += static_cast<char>((length >> shift) & 0xFFU);
  input += value;
}

std::string base64url(const unsigned char* bytes, std::size_t size) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (std::size_t i = 0; i < size; ++i) {
    bits = (bits << 8U) | bytes[i];
    count += 8;
    while (count >= 6) text += kAlphabet[(bits >> (count -= 6)) & 0x3FU];
  }
  if (count > 0) text += kAlphabet[(bits << (6 - count)) & 0x3FU];
  return text;
}

// Fetching the algorithm and making a context costs as much as the MAC itself, so each thread keeps its own.
EVP_MAC_CTX* hmac_context() {
  struct Context {
    Context() : mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr)), context(mac != nullptr ? EVP_MAC_CTX_new(mac) : nullptr) {
      std::array<char, 7> digest{"SHA256"};
      const std::array<OSSL_PARAM, 2> parameters{
          OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0), OSSL_PARAM_construct_end()};
      if (context == nullptr || EVP_MAC_CTX_set_params(context, parameters.data()) != 1)
        throw std::runtime_error("OpenSSL has no HMAC");
    }
    ~Context() {
      EVP_MAC_CTX_free(context);
      EVP_MAC_free(mac);
    }
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    EVP_MAC* mac;
    EVP_MAC_CTX* context;
  };
  thread_local const Context context;
  return context.context;
}

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

std::string caller_key(const base::Secret& key, std::string_view provider, std::string_view user_id) {
  std::string input;
  append_prefixed(input, provider);
  append_prefixed(input, user_id);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  std::size_t size = 0;
  EVP_MAC_CTX* context = hmac_context();
  const bool is_made =
      EVP_MAC_init(context, key.bytes().data(), key.size(), nullptr) == 1 &&
      EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(input.data()), input.size()) == 1 &&
      EVP_MAC_final(context, mac.data(), &size, mac.size()) == 1;
  if (!is_made) throw std::runtime_error("HMAC failed");
  return base64url(mac.data(), size);
}

}  // namespace bearerd::state
