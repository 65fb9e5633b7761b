#include "settings/api_key_hash.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <string>

#include "base/text.hpp"

namespace bearerd::settings {
namespace {

// printf %s proxyKey1 | sha256sum
constexpr std::string_view kDigest = "0fbe0e768552fd7817db79784dcadaa095eb6e66f651a1234d5e0ab52ee4a997";

TEST(ApiKeyHash, of_a_key_and_of_its_digest_are_the_same) {
  const ApiKeyHash hash = ApiKeyHash::of_key("proxyKey1");
  EXPECT_TRUE(hash == ApiKeyHash::of_entry("proxyKey1").value());
  EXPECT_TRUE(hash == ApiKeyHash::of_entry("sha256:" + std::string(kDigest)).value());
  std::string upper(kDigest);
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_TRUE(hash == ApiKeyHash::of_entry("sha256:" + upper).value());
  EXPECT_FALSE(hash == ApiKeyHash::of_key("proxyKey2"));
}

TEST(ApiKeyHash, a_digest_that_is_none_is_refused) {
  for (const std::string& bad :
       {std::string("sha256:"), "sha256:" + std::string(63, 'a'), "sha256:" + std::string(65, 'a'),
        "sha256:" + std::string(63, 'a') + "g", "sha256: " + std::string(63, 'a')})
    EXPECT_FALSE(ApiKeyHash::of_entry(bad)) << bad;
}

// What lies in memory must not be the digest that a list of leaked keys can be compared with.
TEST(ApiKeyHash, is_not_the_digest_itself) {
  const ApiKeyHash hash = ApiKeyHash::of_key("proxyKey1");
  EXPECT_NE(base::hex(hash.bytes()), kDigest);
}

}  // namespace
}  // namespace bearerd::settings
