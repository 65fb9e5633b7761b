#include "keys/cached_key_set.hpp"

#include <gtest/gtest.h>

#include "keys/key_store.hpp"

namespace bearerd::keys {
namespace {

CachedKeySet example() {
  return {"https://issuer.example", "https://issuer.example/d", "", "/etc/ca.pem", "digest of the file", 1'767'225'600,
          R"({"issuer":"x"})",      "{\"keys\":\n[]}"};
}

TEST(CachedKeySet, what_is_printed_is_read_back) {
  const auto parsed = parse_cached_key_set(print(example()));
  ASSERT_TRUE(parsed) << parsed.error().text;
  EXPECT_EQ(*parsed, example());
}

TEST(CachedKeySet, every_cut_is_refused) {
  const std::string text = print(example());
  for (std::size_t length = 0; length < text.size(); ++length)
    EXPECT_FALSE(parse_cached_key_set(text.substr(0, length))) << length;
  EXPECT_FALSE(parse_cached_key_set(text + "\n"));
}

TEST(CachedKeySet, lengths_and_times_have_one_spelling) {
  const std::string text = print(example());
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string copy = text;
    return copy.replace(copy.find(from), from.size(), to);
  };
  EXPECT_FALSE(parse_cached_key_set(changed("issuer 22", "issuer 022")));
  EXPECT_FALSE(parse_cached_key_set(changed("issuer 22", "issuer 23")));
  EXPECT_FALSE(parse_cached_key_set(changed("issuer 22", "issuer 18446744073709551615")));
  EXPECT_FALSE(parse_cached_key_set(changed("issuer 22", "issuer -1")));
  EXPECT_FALSE(parse_cached_key_set(changed("1767225600", "17672256x0")));
  EXPECT_FALSE(parse_cached_key_set(changed("fetched-at 10\n1767225600", "fetched-at 15\n999999999999999")));
  EXPECT_FALSE(parse_cached_key_set(changed("bearerd-key-set 1", "bearerd-key-set 2")));
}

TEST(CachedKeySet, serves_exactly_what_it_was_fetched_for) {
  KeySourceSettings settings;
  settings.issuer = "https://issuer.example";
  settings.discovery_url = "https://issuer.example/d";
  settings.ca_file = "/etc/ca.pem";
  settings.ca_digest = "digest of the file";
  EXPECT_TRUE(example().serves(settings));
  for (std::string* member :
       {&settings.issuer, &settings.discovery_url, &settings.jwks_url, &settings.ca_file, &settings.ca_digest}) {
    const std::string before = std::exchange(*member, *member + "x");
    EXPECT_FALSE(example().serves(settings));
    *member = before;
  }
}

}  // namespace
}  // namespace bearerd::keys
