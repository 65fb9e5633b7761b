#include "access/api_keys.hpp"

#include <gtest/gtest.h>

namespace bearerd::access {
namespace {

settings::ApiKey key(std::string_view entry, std::optional<std::vector<std::string>> ranges = std::nullopt) {
  settings::ApiKey made;
  made.hash = settings::ApiKeyHash::of_entry(entry).value();
  made.project = "project of " + std::string(entry.substr(0, 9));
  made.address_ranges = std::move(ranges);
  return made;
}

TEST(ApiKeys, a_key_is_found_by_itself_whether_the_file_holds_it_or_its_hash) {
  // sha256sum of "second"
  const ApiKeys keys({key("first"), key("sha256:16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4")});
  ASSERT_NE(keys.find("first"), nullptr);
  EXPECT_EQ(keys.find("first")->project, "project of first");
  ASSERT_NE(keys.find("second"), nullptr);
  EXPECT_EQ(keys.find("second")->number, 1U);
}

TEST(ApiKeys, nothing_else_is_a_key) {
  const ApiKeys keys({key("first"), key("sha256:16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4")});
  for (const std::string_view other :
       {"", "firs", "first ", "First", "sha256:16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4",
        "16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4"})
    EXPECT_EQ(keys.find(other), nullptr) << other;
  EXPECT_EQ(ApiKeys({}).find("first"), nullptr);
}

TEST(ApiKeys, of_many_each_is_found) {
  std::vector<settings::ApiKey> many;
  for (int i = 0; i < 1000; ++i) many.push_back(key("key" + std::to_string(i)));
  const ApiKeys keys(many);
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(keys.find("key" + std::to_string(i))->number, i);
}

TEST(ApiKeys, an_address_that_is_missing_or_malformed_is_in_no_range) {
  const ApiKeys keys({key("anywhere"), key("nowhere", std::vector<std::string>{}),
                      key("office", std::vector<std::string>{"10.0.0.0/8", "2001:db8::/32"})});
  const ApiKey& anywhere = *keys.find("anywhere");
  const ApiKey& nowhere = *keys.find("nowhere");
  const ApiKey& office = *keys.find("office");
  for (const std::string_view sent : {"", "10.0.0.1", "nonsense"}) {
    EXPECT_TRUE(may_come_from(anywhere, sent, 0)) << sent;
    EXPECT_FALSE(may_come_from(nowhere, sent, 0)) << sent;
  }
  EXPECT_TRUE(may_come_from(office, "10.0.0.1", 0));
  EXPECT_TRUE(may_come_from(office, "6.6.6.6, 2001:db8::7", 0));
  EXPECT_TRUE(may_come_from(office, "10.0.0.1, 192.168.0.1", 1));
  for (const std::string_view sent : {"", "6.6.6.6", "10.0.0.1, 6.6.6.6", "10.0.0.1:80", "unknown", "10.0.0.1,"})
    EXPECT_FALSE(may_come_from(office, sent, 0)) << sent;
  EXPECT_FALSE(may_come_from(office, "10.0.0.1", 1));
}

}  // namespace
}  // namespace bearerd::access
