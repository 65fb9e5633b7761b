#include "verify/verdict_cache.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <array>
#include <bit>
#include <cstring>
#include <stdexcept>

namespace bearerd::verify {
namespace {

constexpr std::size_t kTagBytes = 16;
using HashKey = std::array<unsigned char, 16>;

const HashKey& process_key() {
  static const HashKey key = [] {
    HashKey bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) throw std::runtime_error("no random bytes");
    return bytes;
  }();
  return key;
}

}  // namespace

struct TokenHasher::Context {
  EVP_MAC* mac = nullptr;
  EVP_MAC_CTX* context = nullptr;
  ~Context() {
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
  }
};

TokenHasher::TokenHasher() : context_(std::make_unique<Context>()) {
  context_->mac = EVP_MAC_fetch(nullptr, "SIPHASH", nullptr);
  context_->context = context_->mac != nullptr ? EVP_MAC_CTX_new(context_->mac) : nullptr;
  std::size_t size = kTagBytes;
  const std::array<OSSL_PARAM, 2> parameters{OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                                             OSSL_PARAM_construct_end()};
  const HashKey& key = process_key();
  if (context_->context == nullptr || EVP_MAC_init(context_->context, key.data(), key.size(), parameters.data()) != 1) {
    throw std::runtime_error("OpenSSL has no SipHash");
  }
}

TokenHasher::~TokenHasher() = default;

TokenTag TokenHasher::tag(std::string_view token) {
  std::array<unsigned char, kTagBytes> bytes{};
  std::size_t size = 0;
  const HashKey& key = process_key();
  const bool is_hashed =
      EVP_MAC_init(context_->context, key.data(), key.size(), nullptr) == 1 &&
      EVP_MAC_update(context_->context, reinterpret_cast<const unsigned char*>(token.data()), token.size()) == 1 &&
      EVP_MAC_final(context_->context, bytes.data(), &size, bytes.size()) == 1 && size == kTagBytes;
  // A constant tag for two tokens would let one pass as the other.
  if (!is_hashed) throw std::runtime_error("SipHash failed");
  TokenTag tag;
  std::memcpy(&tag.high, bytes.data(), sizeof tag.high);
  std::memcpy(&tag.low, bytes.data() + sizeof tag.high, sizeof tag.low);
  return tag;
}

VerdictCache::VerdictCache(std::size_t entries)
    : set_count_(entries == 0 ? 0 : std::bit_ceil((entries + kWays - 1) / kWays)) {}

VerdictCache::Slot* VerdictCache::set_of(TokenTag tag) noexcept {
  if (slots_.empty()) return nullptr;
  return &slots_[(tag.high & (set_count_ - 1)) * kWays];
}

VerdictCache::Slot* VerdictCache::slot_of(TokenTag tag) noexcept {
  Slot* set = set_of(tag);
  if (set == nullptr) return nullptr;
  for (std::size_t i = 0; i < kWays; ++i) {
    if (set[i].tag == tag && set[i].verdict != nullptr) return &set[i];
  }
  return nullptr;
}

Verdict* VerdictCache::find(TokenTag tag) noexcept {
  Slot* slot = slot_of(tag);
  if (slot == nullptr) return nullptr;
  slot->used_at = ++time_;
  return slot->verdict.get();
}

bool VerdictCache::put(TokenTag tag, Verdict verdict) {
  if (is_off()) return false;
  if (slots_.empty()) slots_.resize(set_count_ * kWays);
  Slot* victim = slot_of(tag);
  if (victim == nullptr) {
    Slot* set = set_of(tag);
    victim = set;
    for (std::size_t i = 0; i < kWays; ++i) {
      if (set[i].verdict == nullptr) {
        victim = &set[i];
        break;
      }
      // Differences, not sizes: the logical time wraps.
      if (time_ - set[i].used_at > time_ - victim->used_at) victim = &set[i];
    }
  }
  const bool is_eviction = victim->verdict != nullptr && !(victim->tag == tag);
  if (victim->verdict == nullptr) {
    victim->verdict = std::make_unique<Verdict>(std::move(verdict));
    ++size_;
  } else {
    *victim->verdict = std::move(verdict);
  }
  victim->tag = tag;
  victim->used_at = ++time_;
  return is_eviction;
}

void VerdictCache::clear() noexcept {
  slots_.clear();
  slots_.shrink_to_fit();
  size_ = 0;
}

}  // namespace bearerd::verify
