#include <gmock/gmock.h>

#include "unit/settings/loading.hpp"

namespace bearerd::settings {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Entry : public Loading {};

TEST_F(Entry, with_all_that_binds_it_loads_without_a_word) {
  const LoadOutcome outcome = load_entry("a", kQuietEntry);
  EXPECT_THAT(messages(outcome), IsEmpty());
  ASSERT_NE(outcome.settings, nullptr);
  EXPECT_EQ(
      outcome.settings->providers.at(0).plugin_settings_json,
      R"({"audience":["api"],"issuer":["https://issuer.example"],"name":"a","rolePath":["roles"],"tokenUse":"access"})");
}

TEST_F(Entry, unknown_key_is_a_warning_with_the_nearest_one) {
  EXPECT_THAT(
      messages(load_entry("a", std::string(kQuietEntry) + R"(, "jwkUrl": "x")")),
      ElementsAre(
          R"(settings.json:1:124: identityProviders.a.jwkUrl: warning: unknown key (did you mean "jwksUrl"?))"));
}

TEST_F(Entry, a_misspelled_guard_is_a_fault) {
  for (const auto& [wrong, right] :
       {std::pair{"audiance", "audience"}, std::pair{"audiences", "audience"}, std::pair{"Audience", "audience"},
        std::pair{"required_claims", "requiredClaims"}, std::pair{"issuers", "issuer"},
        std::pair{"issuer-pattern", "issuerPattern"}, std::pair{"algorithm", "algorithms"},
        std::pair{"token_use", "tokenUse"}, std::pair{"maxTokenAgeSecond", "maxTokenAgeSeconds"},
        std::pair{"requiresExp", "requireExp"}}) {
    EXPECT_THAT(faults(load_entry("a", std::string(kQuietEntry) + ", \"" + wrong + "\": \"x\"")),
                ElementsAre(HasSubstr(std::string("(did you mean \"") + right + "\"?)")))
        << wrong;
  }
}

TEST_F(Entry, all_faults_of_a_file_are_told_at_once) {
  EXPECT_THAT(
      faults(load_text("{\n\"identityProviders\": {\n\"a\": {\"jwksUrl\": 5,\n\"clockSkewSeconds\": 301},\n"
                       "\"none\": {\"issuer\": \"https://i.example\"}},\n\"verify\": {\"waitMS\": 1}}")),
      ElementsAre("settings.json:3:18: identityProviders.a.jwksUrl: this is a number, but it takes a URL",
                  "settings.json:4:21: identityProviders.a.clockSkewSeconds: this is out of range: it takes 0 to 300",
                  "settings.json:5:1: identityProviders.none: the name \"none\" has a meaning of its own in metrics; "
                  "choose another",
                  "settings.json:6:12: verify.waitMS: unknown key (did you mean \"waitMs\"?)"));
}

TEST_F(Entry, an_empty_audience_never_switches_the_check_off) {
  const std::string base = R"("issuer": "https://i.example", "rolePath": "r", "audience": )";
  EXPECT_EQ(faults(load_entry("a", base + "\"\"")).size(), 1U);
  EXPECT_EQ(faults(load_entry("a", base + "[]")).size(), 1U);
  EXPECT_EQ(faults(load_entry("a", base + "[\"\"]")).size(), 1U);
}

TEST_F(Entry, placeholders_are_named) {
  EXPECT_THAT(faults(load_entry("a", R"("jwksUrl": "https://<tenant>/keys")")),
              ElementsAre(HasSubstr("the placeholder <tenant> was left in")));
  EXPECT_THAT(faults(load_entry("a", R"("jwksUrl": "https://x.example", "issuerPattern": "^https://${name}$")")),
              ElementsAre(HasSubstr("the placeholder ${name} was left in")));
}

TEST_F(Entry, http_is_for_loopback_only) {
  const std::string rest = R"(, "audience": "a", "issuer": "https://i.example", "rolePath": "r")";
  EXPECT_THAT(faults(load_entry("a", R"("jwksUrl": "http://i.example/k")" + rest)),
              ElementsAre(HasSubstr("must be https")));
  for (const std::string host : {"127.0.0.1:8080", "idp.localhost", "[::1]", "[::ffff:127.0.0.1]"}) {
    const LoadOutcome local = load_entry("a", R"("jwksUrl": "http://)" + host + R"(/k")" + rest);
    EXPECT_NE(local.settings, nullptr) << host;
    EXPECT_THAT(messages(local), ElementsAre(HasSubstr("on this machine only"))) << host;
  }
}

TEST_F(Entry, needs_at_most_one_way_to_check_tokens) {
  EXPECT_THAT(faults(load_entry("a", R"("jwksUrl": "https://a.example", "userInfoEndpoint": "https://a.example/u")")),
              ElementsAre(HasSubstr("either \"jwksUrl\" or \"userInfoEndpoint\"")));
  EXPECT_THAT(faults(load_entry("a", R"("issuer": "https://a.example", "userInfoEndpoint": "https://a.example/u")")),
              IsEmpty());
}

TEST_F(Entry, roles_that_the_plugin_names_itself_need_no_path) {
  const std::string base = R"("issuer": "https://i.example", "audience": "a")";
  const auto warnings = [&](const std::string& more) { return messages(load_entry("a", base + more)); };
  EXPECT_THAT(warnings(""), ElementsAre(HasSubstr("nobody has a role from here")));
  EXPECT_THAT(warnings(R"(, "plugin": "cognito")"), IsEmpty());
  EXPECT_THAT(warnings(R"(, "plugin": "entra")"), IsEmpty());
  EXPECT_THAT(warnings(R"(, "plugin": "keycloak")"), ElementsAre(HasSubstr("nobody has a role from here")));
  EXPECT_THAT(warnings(R"(, "plugin": "keycloak", "realmRoles": false)"),
              ElementsAre(HasSubstr("nobody has a role from here")));
  EXPECT_THAT(warnings(R"(, "plugin": "keycloak", "realmRoles": true)"), IsEmpty());
}

TEST_F(Entry, the_generic_plugin_for_those_who_need_their_own_is_warned_about) {
  const std::string rest = R"("audience": "a", "rolePath": "roles", "plugin": )";
  EXPECT_THAT(messages(load_entry("a", R"("issuer": "https://accounts.google.com", )" + rest + R"("oidc")")),
              ElementsAre(HasSubstr(R"(use "plugin": "google")")));
  EXPECT_THAT(messages(load_entry("a", R"("issuer": "https://accounts.google.com", )" + rest + R"("google")")),
              IsEmpty());
  const std::string tenant =
      R"("issuer": "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0", )";
  EXPECT_THAT(messages(load_entry("a", tenant + rest + R"("oidc")")),
              ElementsAre(HasSubstr(R"(use "plugin": "entra")")));
  EXPECT_THAT(messages(load_entry("a", tenant + rest + R"("entra")")), IsEmpty());
}

TEST_F(Entry, logging_key_needs_a_salt) {
  EXPECT_THAT(faults(load_entry("a", std::string(kQuietEntry) + R"(, "loggingKey": "sub")")),
              ElementsAre(HasSubstr(R"("loggingKey" needs "loggingSalt")")));
  write("salt", "pepper\n");
  const LoadOutcome outcome =
      load_entry("a", std::string(kQuietEntry) + R"(, "loggingKey": "sub", "loggingSaltFile": "salt")");
  ASSERT_NE(outcome.settings, nullptr);
  EXPECT_EQ(outcome.settings->providers.at(0).logging_salt.as_text(), "pepper");
  EXPECT_THAT(watched_paths(outcome), Contains(directory_ + "/salt"));
}

TEST_F(Entry, a_secret_that_others_can_read_is_refused) {
  write("salt", "pepper", 0640);
  const std::string members = std::string(kQuietEntry) + R"(, "loggingSaltFile": "salt")";
  EXPECT_THAT(faults(load_entry("a", members)),
              ElementsAre(HasSubstr("others than its owner may read it: chmod 0600")));
  environment_["CREDENTIALS_DIRECTORY"] = directory_;
  EXPECT_THAT(faults(load_entry("a", members)), IsEmpty());
}

TEST_F(Entry, a_credential_of_the_unit_is_found_where_systemd_put_it) {
  const std::string members =
      std::string(kQuietEntry) + R"(, "loggingKey": "sub", "loggingSaltFile": "$CREDENTIALS_DIRECTORY/salt")";
  EXPECT_THAT(faults(load_entry("a", members)), Contains(HasSubstr("systemd sets it for a unit with LoadCredential=")));
  write("salt", "pepper", 0440);  // as systemd makes them
  environment_["CREDENTIALS_DIRECTORY"] = directory_;
  const LoadOutcome outcome = load_entry("a", members);
  ASSERT_NE(outcome.settings, nullptr);
  EXPECT_EQ(outcome.settings->providers.at(0).logging_salt.as_text(), "pepper");
}

TEST_F(Entry, symmetric_algorithms_need_a_secret_of_their_own) {
  const std::string hs = R"(, "algorithms": "HS512")";
  EXPECT_THAT(faults(load_entry("a", kQuietEntry + hs)), ElementsAre(HasSubstr("needs a secret of its own")));
  write("secret", std::string(32, 'x'));
  EXPECT_THAT(faults(load_entry("a", kQuietEntry + hs + R"(, "hmacSecretFile": "secret")")),
              ElementsAre(HasSubstr("the secret has 32 bytes, but HS512 needs at least 64")));
  EXPECT_THAT(
      faults(load_entry("a", std::string(kQuietEntry) + R"(, "hmacSecretFile": "secret", "algorithms": ["RS256"])")),
      ElementsAre(HasSubstr("can't be checked with \"hmacSecretFile\"")));
  EXPECT_THAT(faults(load_entry("a", std::string(kQuietEntry) + R"(, "algorithms": ["none"])")),
              ElementsAre(HasSubstr("\"none\" is no algorithm that is taken here")));
}

TEST_F(Entry, a_key_set_with_secrets_must_be_private) {
  write("keys.json", R"({"keys": [{"kty": "RSA", "n": "", "e": ""}]})", 0644);
  const std::string members = std::string(kQuietEntry) + R"(, "jwksFile": "keys.json")";
  EXPECT_THAT(faults(load_entry("a", members)), IsEmpty());
  write("keys.json", R"({"keys": [{"kty": "oct", "k": "AAAA"}]})", 0644);
  EXPECT_THAT(faults(load_entry("a", members)), ElementsAre(HasSubstr("others than its owner may read it")));
}

TEST_F(Entry, a_file_that_is_no_key_set_is_not_taken_for_a_secret) {
  for (const char* text : {"no JSON", "[]", R"({"kty": "RSA"})"}) {
    write("keys.json", text, 0644);
    EXPECT_THAT(
        faults(load_entry("a", std::string(kQuietEntry) + R"(, "jwksFile": "keys.json")")),
        ElementsAre(testing::AllOf(HasSubstr("identityProviders.a.jwksFile: "), HasSubstr("keys.json is no JWK Set"))))
        << text;
  }
}

TEST_F(Entry, the_plugin_is_chosen_by_name_then_by_host) {
  const auto plugin_of = [&](const std::string& name, const std::string& members) {
    const LoadOutcome outcome = load_entry(name, members + R"(, "audience": "a")");
    return outcome.settings ? outcome.settings->providers.at(0).plugin : testing::PrintToString(messages(outcome));
  };
  EXPECT_EQ(plugin_of("sso", R"("issuer": "https://acme.okta.com/oauth2/default")"), "okta");
  EXPECT_EQ(plugin_of("okta", R"("issuer": "https://login.acme.example")"), "okta");
  EXPECT_EQ(plugin_of("sso", R"("issuer": "https://login.acme.example")"), "oidc");
  EXPECT_EQ(plugin_of("EntraID", R"("issuer": "https://login.microsoftonline.com/t/v2.0")"), "entra");
  EXPECT_EQ(plugin_of("okta", R"("plugin": "oidc", "issuer": "https://acme.auth0.com/")"), "oidc");
}

TEST_F(Entry, a_name_and_a_host_that_disagree_are_a_fault) {
  EXPECT_THAT(
      faults(load_entry("okta", R"("issuer": "https://acme.auth0.com/", "audience": "a")")),
      ElementsAre("settings.json:1:24: identityProviders.okta: the name of the entry asks for the plugin \"okta\", the "
                  "host acme.auth0.com for \"auth0\"; say which it is with \"plugin\": \"auth0\" or \"okta\""));
}

TEST_F(Entry, google_and_entra_stay_bound_behind_another_plugin) {
  EXPECT_THAT(
      faults(load_entry(
          "a", R"("plugin": "oidc", "hd": "acme.example", "jwksUrl": "https://www.googleapis.com/oauth2/v3/certs")")),
      ElementsAre(HasSubstr("Google signs for all its customers")));
  EXPECT_THAT(
      faults(load_entry(
          "a",
          R"("plugin": "oidc", "jwksUrl": "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/discovery/v2.0/keys")")),
      ElementsAre(HasSubstr("Entra signs for all its customers")));
}

TEST_F(Entry, google_and_entra_are_bound_by_what_names_the_customer) {
  EXPECT_THAT(faults(load_entry("google", R"("issuer": "https://accounts.google.com", "hd": "acme.example")")),
              IsEmpty());
  EXPECT_THAT(faults(load_entry("google", R"("issuer": "https://accounts.google.com", "hd": "")")),
              ElementsAre(HasSubstr("Google signs"), HasSubstr("empty")));
  EXPECT_THAT(
      faults(load_entry("azure", R"("jwksUrl": "https://login.microsoftonline.com/common/discovery/v2.0/keys")")),
      ElementsAre(HasSubstr("add \"tenants\": [\"<tenant id>\"]")));
  EXPECT_THAT(
      faults(load_entry(
          "azure", R"("jwksUrl": "https://login.microsoftonline.com/common/discovery/v2.0/keys", "tenants": ["t"])")),
      IsEmpty());
}

TEST_F(Entry, a_workspace_domain_does_not_bind_opaque_tokens) {
  const std::string opaque =
      R"("userInfoEndpoint": "https://openidconnect.googleapis.com/v1/userinfo", "hd": "acme.example")";
  EXPECT_THAT(faults(load_entry("google", opaque)),
              ElementsAre(testing::EndsWith(R"(meant for you; add "audience": "<your client id>")")));
  EXPECT_THAT(faults(load_entry("google", opaque + R"(, "audience": "client")")), IsEmpty());
}

TEST_F(Entry, an_issuer_beside_a_pattern_binds_nothing) {
  const std::string issuer = R"("issuer": "https://login.microsoftonline.com/t/v2.0")";
  const std::string pattern = R"(, "issuerPattern": "^https://login\\.microsoftonline\\.com/.*$")";
  for (const char* plugin : {"entra", "oidc"}) {
    const std::string entry = issuer + ", \"plugin\": \"" + plugin + "\"";
    EXPECT_THAT(faults(load_entry("a", entry)), IsEmpty());
    EXPECT_THAT(faults(load_entry("a", entry + pattern)),
                ElementsAre(HasSubstr("Entra signs for all its customers with the same keys, and nothing here says "
                                      "which tokens are meant for you; remove \"issuerPattern\"")));
  }
  EXPECT_THAT(faults(load_entry("entra", issuer + pattern + R"(, "tenants": ["t"])")), IsEmpty());
  EXPECT_THAT(faults(load_entry(
                  "entra",
                  issuer + pattern +
                      R"(, "jwksUrl": "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/keys")")),
              IsEmpty());
  EXPECT_THAT(faults(load_entry("google", R"("issuer": "https://accounts.google.com", "issuerPattern": "https://.*")")),
              ElementsAre(HasSubstr("Google signs for all its customers")));
}

TEST_F(Entry, a_wide_pattern_is_warned_about_beside_an_issuer_too) {
  EXPECT_THAT(messages(load_entry("a", std::string(kQuietEntry) + R"(, "issuerPattern": "^https://issuer.*$")")),
              ElementsAre(HasSubstr("identityProviders.a.issuerPattern: warning: the host can be continued")));
}

TEST_F(Entry, a_key_that_the_plugin_does_not_take_binds_nothing) {
  plugins_["google"].settings.clear();
  EXPECT_THAT(faults(load_entry("google", R"("issuer": "https://accounts.google.com", "hd": "acme.example")")),
              ElementsAre(HasSubstr("Google signs for all its customers")));
}

TEST_F(Entry, accepting_an_unbound_entry_is_loud) {
  const LoadOutcome outcome = load_text(
      R"({"identityProviders": {"google": {"issuer": "https://accounts.google.com"}}, "insecure": {"acceptUnbound": ["google"]}})");
  EXPECT_NE(outcome.settings, nullptr);
  EXPECT_THAT(messages(outcome), Contains(HasSubstr("accepted because insecure.acceptUnbound names this entry")));
}

TEST_F(Entry, one_issuer_belongs_to_one_entry) {
  EXPECT_THAT(
      faults(load_text(
          R"({"identityProviders": {"a": {"issuer": "https://i.example"}, "b": {"issuer": ["https://i.example"]}}})")),
      ElementsAre(HasSubstr("identityProviders.b.issuer: the issuer \"https://i.example\" stands in \"a\" already")));
}

TEST_F(Entry, plugin_keys_are_checked_and_completed) {
  PluginSetting limit = KnownPlugins::setting("limit", PluginSetting::Type::kInteger);
  limit.minimum = 1;
  limit.maximum = 9;
  limit.default_json = "5";
  plugins_["oidc"].settings = {limit, KnownPlugins::setting("names", PluginSetting::Type::kStringMap)};
  const LoadOutcome outcome = load_entry("a", std::string(kQuietEntry) + R"(, "names": {"x": "y"})");
  ASSERT_NE(outcome.settings, nullptr);
  EXPECT_THAT(outcome.settings->providers.at(0).plugin_settings_json, HasSubstr(R"("limit":5)"));
  EXPECT_THAT(outcome.settings->providers.at(0).plugin_settings_json, HasSubstr(R"("names":{"x":"y"})"));
  EXPECT_THAT(faults(load_entry("a", std::string(kQuietEntry) + R"(, "limit": 10)")),
              ElementsAre(HasSubstr("it takes 1 to 9")));
}

TEST_F(Entry, an_unknown_plugin_is_a_fault) {
  EXPECT_THAT(faults(load_entry("a", R"("plugin": "gitlab", "issuer": "https://i.example")")),
              ElementsAre("settings.json:1:30: identityProviders.a.plugin: the plugin \"gitlab\" can't be had: there "
                          "is no such plugin"));
}

TEST_F(Entry, a_replaced_authority_shows_in_its_digest) {
  const std::string members = std::string(kQuietEntry) + R"(, "caFile": "ca.pem")";
  const std::string begin = "-----BEGIN CERTIFICATE-----\n";
  write("ca.pem", begin + "one");
  const Provider first = load_entry("a", members).settings->providers.at(0);
  write("ca.pem", begin + "two");
  const Provider second = load_entry("a", members).settings->providers.at(0);
  EXPECT_EQ(first.ca_file_digest.size(), 64U);
  EXPECT_NE(first.ca_file_digest, second.ca_file_digest);
  EXPECT_NE(first.digest, second.digest);
  EXPECT_EQ(load_entry("a", kQuietEntry).settings->providers.at(0).ca_file_digest, "");
  write("ca.pem", "no certificate");
  EXPECT_THAT(faults(load_entry("a", members)), ElementsAre(HasSubstr("caFile: ca.pem holds no PEM certificate")));
}

TEST_F(Entry, the_digest_follows_the_meaning_and_the_files) {
  const auto digest_of = [&](const std::string& members) {
    return load_entry("a", members).settings->providers.at(0).digest;
  };
  write("salt", "one");
  const std::string first = digest_of(R"("issuer": "https://i.example", "loggingSaltFile": "salt")");
  EXPECT_EQ(first, digest_of("/* c */ \"loggingSaltFile\": \"salt\",\n\"issuer\": \"https://i.example\","));
  EXPECT_NE(first, digest_of(R"("issuer": "https://j.example", "loggingSaltFile": "salt")"));
  write("salt", "two");
  EXPECT_NE(first, digest_of(R"("issuer": "https://i.example", "loggingSaltFile": "salt")"));
  EXPECT_EQ(first.size(), 64U);
}

}  // namespace
}  // namespace bearerd::settings
