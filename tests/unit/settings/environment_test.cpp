#include <gmock/gmock.h>

#include "unit/settings/loading.hpp"

namespace bearerd::settings {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Environment : public Loading {};

TEST_F(Environment, builds_an_entry_as_dial_core_does) {
  environment_ = {{"aidial.identityProviders.a.issuer", "https://i.example"},
                  {"aidial.identityProviders.a.audience", R"(["x", "y"])"},
                  {"aidial.identityProviders.a.rolePath", "roles"},
                  {"aidial.identityProviders.a.loggingSalt", "12345"},
                  {"aidial.identityProviders.a.optional", "true"},
                  {"aidial.identityProviders.a.clockSkewSeconds", "5"}};
  const LoadOutcome outcome = load_text("{}");
  EXPECT_THAT(messages(outcome), IsEmpty());
  ASSERT_NE(outcome.settings, nullptr);
  const Provider& provider = outcome.settings->providers.at(0);
  EXPECT_EQ(provider.audience, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(provider.logging_salt.as_text(), "12345");
  EXPECT_EQ(provider.clock_skew, std::chrono::seconds(5));
  EXPECT_TRUE(provider.is_optional);
}

TEST_F(Environment, ours_is_spelled_as_the_file_or_the_tables_have_it) {
  environment_ = {{"BEARERD_IDENTITYPROVIDERS__MYIDP__CLOCKSKEWSECONDS", "7"},
                  {"BEARERD_IDENTITYPROVIDERS__MYIDP__TENANTS", "t"},
                  {"bearerd_verify__waitms", "99"},
                  {"BEARERD_LISTEN__ADMINTLS__CERTIFICATEFILE", "a.pem"},
                  {"BEARERD_LISTEN__ADMINTLS__KEYFILE", "b.pem"},
                  {"BEARERD_SETTINGS", "/not/a/path"}};
  write("a.pem", "a");
  write("b.pem", "b");
  const LoadOutcome outcome = load_entry("myIdp", R"("plugin": "entra", "audience": "a", "rolePath": "r",
      "jwksUrl": "https://login.microsoftonline.com/common/discovery/v2.0/keys", "issuerPattern": "https://x/")");
  EXPECT_THAT(messages(outcome), IsEmpty());
  ASSERT_NE(outcome.settings, nullptr);
  EXPECT_EQ(outcome.settings->providers.at(0).clock_skew, std::chrono::seconds(7));
  EXPECT_THAT(outcome.settings->providers.at(0).plugin_settings_json, HasSubstr(R"("tenants":["t"])"));
  EXPECT_EQ(outcome.settings->verify.wait, std::chrono::milliseconds(99));
  EXPECT_THAT(outcome.settings->listen.admin_tls->certificate_file, testing::EndsWith("/a.pem"));
}

TEST_F(Environment, a_fault_names_the_variable) {
  environment_ = {{"aidial.identityProviders.a.jwksUrl", "i.example/keys"}};
  EXPECT_THAT(
      faults(load_entry("a", "")),
      ElementsAre("environment variable aidial.identityProviders.a.jwksUrl: identityProviders.a.jwksUrl: the URL has "
                  "no scheme: write https://i.example/keys"));
}

TEST_F(Environment, an_empty_value_is_no_way_to_switch_a_check_off) {
  environment_ = {{"aidial.identityProviders.a.audience", ""}};
  EXPECT_EQ(faults(load_entry("a", kQuietEntry)).size(), 1U);
}

TEST_F(Environment, a_variable_of_ours_that_names_nothing_is_told) {
  environment_ = {{"BEARERD_LOGLEVEL", "debug"}, {"aidial.redis.address", "x"}};
  EXPECT_THAT(messages(load_entry("a", kQuietEntry)),
              ElementsAre("environment variable BEARERD_LOGLEVEL: warning: this names no setting; ignored"));
}

TEST_F(Environment, an_object_is_merged_into_that_of_the_file) {
  environment_ = {{"aidial.identityProviders",
                   R"({"b": {"issuer": "https://b.example", "audience": "b", "rolePath": "r", "plugin": "oidc"},
                       "a": {"audience": ["x"]}})"},
                  {"aidial.verify", R"({"realm": "E"})"}};
  const LoadOutcome outcome =
      load_text(std::string(R"({"verify": {"defaultRoute": "deny", "realm": "F"}, "identityProviders": {"a": {)") +
                kQuietEntry + "}}}");
  EXPECT_THAT(messages(outcome), IsEmpty());
  ASSERT_NE(outcome.settings, nullptr);
  const Settings& settings = *outcome.settings;
  EXPECT_EQ(settings.verify.realm, "E");
  EXPECT_EQ(settings.verify.default_route, DefaultRoute::kDeny);
  ASSERT_EQ(settings.providers.size(), 2U);
  EXPECT_THAT(settings.providers.at(0).issuers, ElementsAre("https://issuer.example"));
  EXPECT_THAT(settings.providers.at(0).audience, ElementsAre("x")) << "a list is replaced";
  EXPECT_EQ(settings.providers.at(1).name, "b");
}

TEST_F(Environment, the_longer_path_wins_over_an_object_and_ours_over_that_of_dial_core) {
  environment_ = {{"BEARERD_VERIFY", R"({"realm": "ours", "resource": "https://ours.example", "waitMs": 7})"},
                  {"aidial.verify", R"({"realm": "dial", "hideUnknown": true})"},
                  {"aidial.verify.waitMs", "9"}};
  const LoadOutcome outcome = load_entry("a", kQuietEntry);
  ASSERT_NE(outcome.settings, nullptr);
  const Verify& verify = outcome.settings->verify;
  EXPECT_EQ(verify.realm, "ours");
  EXPECT_EQ(verify.resource, "https://ours.example");
  EXPECT_TRUE(verify.hide_unknown) << "what ours does not name stays as DIAL Core's has it";
  EXPECT_EQ(verify.wait, std::chrono::milliseconds(9));
}

TEST_F(Environment, a_merged_object_stays_at_its_place_and_what_it_gets_is_at_the_variable) {
  constexpr const char* kUnboundEntry = R"("issuer": "https://issuer.example", "rolePath": "r", "plugin": "oidc")";
  environment_ = {{"aidial.identityProviders", R"({"a": {"clockSkewSeconds": 5}})"}};
  EXPECT_THAT(messages(load_entry("a", kUnboundEntry)),
              ElementsAre(HasSubstr("settings.json:1:24: identityProviders.a: warning: no \"audience\"")));
  environment_ = {{"aidial.identityProviders", R"({"a": {"clockSkewSeconds": 1000}})"}};
  EXPECT_THAT(messages(load_entry("a", kUnboundEntry)),
              ElementsAre(HasSubstr("environment variable aidial.identityProviders: "
                                    "identityProviders.a.clockSkewSeconds: ")));
}

TEST_F(Environment, text_that_could_be_an_object_is_text_where_the_setting_wants_it) {
  environment_ = {{"aidial.identityProviders.a.loggingSalt", R"({"b": 2})"},
                  {"aidial.identityProviders.a.loggingKey", "sub"}};
  const LoadOutcome outcome = load_entry("a", std::string(kQuietEntry) + R"(, "loggingSalt": {"c": 3})");
  ASSERT_NE(outcome.settings, nullptr);
  EXPECT_EQ(outcome.settings->providers.at(0).logging_salt.as_text(), R"({"b": 2})");
}

TEST_F(Environment, names_the_settings_file_in_this_order) {
  EXPECT_EQ(find_config_file("x", {{"BEARERD_SETTINGS", "b"}}), "x");
  EXPECT_EQ(find_config_file("", {{"BEARERD_SETTINGS", "b"}, {"AIDIAL_SETTINGS", "c"}}), "b");
  EXPECT_EQ(find_config_file("", {{"AIDIAL_SETTINGS", "c"}}), "c");
  EXPECT_EQ(find_config_file("", {}), "/etc/bearerd/settings.json");
}

}  // namespace
}  // namespace bearerd::settings
