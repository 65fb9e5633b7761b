#include "settings/effective.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings/plugin_settings.hpp"

namespace bearerd::settings {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Effective, secrets_are_masked_by_their_type_and_absent_ones_are_null) {
  Settings settings;
  Provider& provider = settings.providers.emplace_back();
  provider.name = "demo";
  provider.logging_salt = base::Secret(std::string_view("salt-value"));
  provider.introspection = Introspection{"https://a.test/i", "us", base::Secret(std::string_view("client-value"))};
  settings.state.redis.emplace().password = base::Secret(std::string_view("redis-value"));
  settings.dynamic.keys.push_back({ApiKeyHash::of_key("key-value"), "p-1", {"r-1"}, false, std::nullopt});
  const std::string shown = effective_json(settings);
  EXPECT_THAT(shown, Not(HasSubstr("-value")));
  EXPECT_THAT(shown, HasSubstr(R"("loggingSalt":"***")"));
  EXPECT_THAT(shown, HasSubstr(R"("clientSecret":"***")"));
  EXPECT_THAT(shown, HasSubstr(R"("keys":[{"key":"***","project":"p-1")"));
  provider.logging_salt = base::Secret();
  EXPECT_THAT(effective_json(settings), HasSubstr(R"("loggingSalt":null)"));
}

TEST(Effective, a_plugins_own_secrets_are_masked_by_its_schema_and_common_keys_are_left_to_the_entry) {
  const auto schema = parse_plugin_schema(
      R"({"settings":[{"name":"harmless","type":"string","secret":true},{"name":"password","type":"integer"},)"
      R"({"name":"words","type":"stringList","secret":true}]})");
  ASSERT_TRUE(schema);
  EXPECT_EQ(shown_plugin_settings(
                R"({"harmless":"hidden","issuer":["https://a.test"],"password":5,"words":["hidden"]})", *schema),
            R"({"harmless":"***","password":5,"words":"***"})");
}

TEST(Effective, text_is_escaped) {
  Settings settings;
  settings.verify.realm = "a\"b\nc";
  EXPECT_THAT(effective_json(settings), HasSubstr(R"("realm":"a\"b\u000ac")"));
}

}  // namespace
}  // namespace bearerd::settings
