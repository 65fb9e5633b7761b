// The entries of DIAL Core's provider pages, filled in as an operator would.
#include <gmock/gmock.h>

#include "unit/settings/loading.hpp"

namespace bearerd::settings {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DialCore : public Loading {
 protected:
  LoadOutcome load_page(const std::string& name) {
    directory_of_pages_ = BEARERD_TEST_DATA "/settings/dial/";
    return load_file(directory_of_pages_ + name + ".json");
  }
  std::vector<std::string> messages_of(const LoadOutcome& outcome) const {
    std::vector<std::string> out;
    for (const Problem& problem : outcome.problems) out.push_back(problem.display().substr(directory_of_pages_.size()));
    return out;
  }
  std::string directory_of_pages_;
};

constexpr const char* kNoAudience =
    R"(warning: no "audience": a token that the issuer made for another service is taken too; add "audience": "<the audience of your tokens>")";

TEST_F(DialCore, auth0_page_loads_with_a_tighter_pattern_advised) {
  const LoadOutcome outcome = load_page("auth0");
  EXPECT_THAT(
      messages_of(outcome),
      ElementsAre(
          std::string("auth0.json:3:5: identityProviders.auth0: ") + kNoAudience,
          R"(auth0.json:5:24: identityProviders.auth0.issuerPattern: warning: the host can be continued with another domain, as in https://acme.eu.auth0.com.evil.example/; use "^https:\\/\\/acme\\.eu\\.auth0\\.com(\\/.*)?$")"));
  ASSERT_NE(outcome.settings, nullptr);
  const Provider& provider = outcome.settings->providers.at(0);
  EXPECT_EQ(provider.plugin, "auth0");
  EXPECT_EQ(provider.jwks_url, "https://acme.eu.auth0.com/.well-known/jwks.json");
  EXPECT_EQ(provider.role_paths, std::vector{base::ClaimPath::from_text("dial_roles")});
  EXPECT_EQ(provider.logging_salt.as_text(), "loggingSalt");
  EXPECT_EQ(provider.user_id_path, base::ClaimPath::from_text("sub"));
}

TEST_F(DialCore, cognito_page_loads_with_its_exact_pattern) {
  const LoadOutcome outcome = load_page("cognito");
  EXPECT_THAT(messages_of(outcome),
              ElementsAre(std::string("cognito.json:3:5: identityProviders.cognito: ") + kNoAudience));
  ASSERT_NE(outcome.settings, nullptr);
  EXPECT_EQ(outcome.settings->providers.at(0).plugin, "cognito");
}

TEST_F(DialCore, azure_page_loads_bound_by_the_tenant_in_its_url) {
  const LoadOutcome outcome = load_page("azure");
  EXPECT_THAT(
      messages_of(outcome),
      ElementsAre(
          std::string("azure.json:3:5: identityProviders.azure: ") + kNoAudience,
          R"(azure.json:5:24: identityProviders.azure.issuerPattern: warning: the host can be continued with another domain, as in https://sts.windows.net.evil.example/; use "^https:\\/\\/sts\\.windows\\.net\\/.+$")"));
  ASSERT_NE(outcome.settings, nullptr);
  EXPECT_EQ(outcome.settings->providers.at(0).plugin, "entra");
}

TEST_F(DialCore, azure_b2c_page_is_refused_for_its_missing_scheme) {
  EXPECT_THAT(messages_of(load_page("azureb2c")),
              ElementsAre("azureb2c.json:4:18: identityProviders.azureb2c.jwksUrl: the URL has no scheme: write "
                          "https://acme.b2clogin.com/acme.onmicrosoft.com/B2C_1_signin/discovery/v2.0/keys"));
}

TEST_F(DialCore, azure_b2c_with_its_scheme_is_refused_until_an_issuer_binds_it) {
  const LoadOutcome outcome = load_page("azureb2c-with-scheme");
  ASSERT_EQ(outcome.settings, nullptr);
  EXPECT_EQ(
      messages_of(outcome).at(0),
      "azureb2c-with-scheme.json:3:5: identityProviders.azureb2c: Entra signs for all its customers with the same "
      "keys, and nothing here says which tokens are meant for you; add \"issuer\": "
      "\"https://acme.b2clogin.com/<tenant id>/v2.0/\"");
}

TEST_F(DialCore, google_page_is_refused_until_it_is_bound) {
  const LoadOutcome outcome = load_page("google");
  ASSERT_EQ(outcome.settings, nullptr);
  EXPECT_EQ(messages_of(outcome).at(0),
            "google.json:3:5: identityProviders.google: Google signs for all its customers with the same keys, and "
            "nothing here says which tokens are meant for you; add \"audience\": \"<your client id>\"");
}

TEST_F(DialCore, keycloak_page_loads) {
  const LoadOutcome outcome = load_page("keycloak");
  ASSERT_NE(outcome.settings, nullptr) << testing::PrintToString(messages_of(outcome));
  EXPECT_EQ(outcome.settings->providers.at(0).plugin, "keycloak");
  EXPECT_EQ(outcome.settings->providers.at(0).role_paths.at(0).segments,
            (std::vector<std::string>{"resource_access", "dial", "roles"}));
}

TEST_F(DialCore, okta_page_loads) {
  const LoadOutcome outcome = load_page("okta");
  ASSERT_NE(outcome.settings, nullptr) << testing::PrintToString(messages_of(outcome));
  EXPECT_EQ(outcome.settings->providers.at(0).plugin, "okta");
}

TEST_F(DialCore, unverified_test_entry_is_refused_with_the_line_to_add) {
  EXPECT_EQ(messages_of(load_page("unverified")).at(2),
            "unverified.json:4:33: identityProviders.test.disableJwtVerification: with this anybody can forge a token; "
            "for a test, add \"insecure\": {\"acceptUnverified\": [\"test\"]} and restart");
}

TEST_F(DialCore, sample_settings_load_with_their_other_parts_ignored) {
  const LoadOutcome outcome = load_page("sample.settings");
  ASSERT_NE(outcome.settings, nullptr) << testing::PrintToString(messages_of(outcome));
  EXPECT_EQ(outcome.settings->proxy_count, 1U);
  EXPECT_EQ(outcome.settings->admin_rules.size(), 2U);
  EXPECT_EQ(outcome.settings->reload_poll, std::chrono::milliseconds(60'000));
}

TEST_F(DialCore, sample_dynamic_files_are_merged_and_typed) {
  const LoadOutcome outcome = load_page("sample.settings");
  ASSERT_NE(outcome.settings, nullptr) << testing::PrintToString(messages_of(outcome));
  const Dynamic& dynamic = outcome.settings->dynamic;
  EXPECT_EQ(dynamic.deployments.size(), 6U);
  EXPECT_EQ(dynamic.deployments.at("gpt-4").user_roles, (std::vector<std::string>{"admin", "basic"}));
  EXPECT_EQ(dynamic.deployments.at("chat-gpt-35-turbo").user_roles, std::nullopt);
  EXPECT_EQ(dynamic.deployments.at("search-assistant").kind, "assistants");
  EXPECT_EQ(dynamic.roles.at("default").limits.at("gpt-4").minute, 100'000);
  EXPECT_EQ(dynamic.roles.at("default").cost->day, 12.5);
  ASSERT_EQ(dynamic.keys.size(), 2U);
  EXPECT_EQ(dynamic.keys.at(0).roles, std::vector<std::string>{"default"});
  ASSERT_EQ(dynamic.routes.size(), 2U);
  EXPECT_EQ(dynamic.routes.at(0).name, "rate");
}

}  // namespace
}  // namespace bearerd::settings
