#include "keys/discovery.hpp"

#include <gtest/gtest.h>

#include "keys/key_store.hpp"

namespace bearerd::keys {
namespace {

KeySourceSettings settings() {
  KeySourceSettings settings;
  settings.issuer = "https://issuer.example/realm";
  settings.discovery_url = "https://issuer.example/realm/.well-known/openid-configuration";
  return settings;
}

bool is_allowed(const std::string& issuer, const std::string& jwks_uri, const KeySourceSettings& from = settings()) {
  return check_discovery({issuer, jwks_uri}, from).has_value();
}

TEST(Discovery, issuer_and_key_set_are_read) {
  const auto discovery = parse_discovery(R"({"issuer":"i","jwks_uri":"j","token_endpoint":"t"})");
  ASSERT_TRUE(discovery) << discovery.error().text;
  EXPECT_EQ(discovery->issuer, "i");
  EXPECT_EQ(discovery->jwks_uri, "j");
}

TEST(Discovery, unusable_documents_are_refused) {
  for (const char* json : {"", "[]", "{}", "null", R"({"issuer":"i"})", R"({"jwks_uri":"j"})",
                           R"({"issuer":1,"jwks_uri":"j"})", R"({"issuer":"i","jwks_uri":["j"]})",
                           R"({"issuer":"i","issuer":"k","jwks_uri":"j"})", R"({"issuer":"i","jwks_uri":"j")"}) {
    EXPECT_FALSE(parse_discovery(json)) << json;
  }
}

TEST(Discovery, issuer_must_be_the_same_byte_for_byte) {
  const std::string jwks = "https://issuer.example/keys";
  EXPECT_TRUE(is_allowed("https://issuer.example/realm", jwks));
  for (const char* other : {"https://issuer.example/realm/", "https://issuer.example/", "https://Issuer.example/realm",
                            "https://issuer.example/realmx", "", "https://evil.example/realm"}) {
    EXPECT_FALSE(is_allowed(other, jwks)) << other;
  }
  KeySourceSettings unnamed = settings();
  unnamed.issuer.clear();
  EXPECT_FALSE(is_allowed("", jwks, unnamed));
}

TEST(Discovery, keys_are_on_the_same_or_a_listed_host) {
  const std::string issuer = settings().issuer;
  EXPECT_FALSE(is_allowed(issuer, "https://keys.example/"));
  EXPECT_FALSE(is_allowed(issuer, "https://issuer.example.evil.example/"));
  EXPECT_FALSE(is_allowed(issuer, "https://issuer.example@evil.example/"));
  KeySourceSettings listed = settings();
  listed.extra_jwks_hosts = {"Keys.example"};
  EXPECT_TRUE(is_allowed(issuer, "https://keys.example/", listed));
}

TEST(Discovery, keys_come_over_https) {
  EXPECT_FALSE(is_allowed(settings().issuer, "http://issuer.example/keys"));
  EXPECT_FALSE(is_allowed(settings().issuer, "file:///etc/keys"));
  KeySourceSettings local = settings();
  local.discovery_url = "http://localhost:8080/d";
  EXPECT_TRUE(is_allowed(local.issuer, "http://localhost:8081/keys", local));
  local.discovery_url = "https://localhost/d";
  EXPECT_FALSE(is_allowed(local.issuer, "http://localhost/keys", local));
}

}  // namespace
}  // namespace bearerd::keys
