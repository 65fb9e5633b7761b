#include "keys/keyed_hash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bearerd::keys {
namespace {

// Key 00 01 … 0f and messages "", 00, 00 01, …: the vectors of the paper's authors.
constexpr HashKey kKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

std::string counting(std::size_t length) {
  std::string bytes;
  for (std::size_t i = 0; i < length; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

TEST(KeyedHash, is_siphash) {
  EXPECT_EQ(keyed_hash(kKey, ""), 0x726fdb47dd0e0e31);
  EXPECT_EQ(keyed_hash(kKey, counting(1)), 0x74f839c593dc67fd);
  EXPECT_EQ(keyed_hash(kKey, counting(15)), 0xa129ca6149be45e5);
}

TEST(KeyedHash, random_keys_differ) {
  EXPECT_NE(keyed_hash(HashKey::random(), "kid"), keyed_hash(HashKey::random(), "kid"));
}

}  // namespace
}  // namespace bearerd::keys
