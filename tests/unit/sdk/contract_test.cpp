// Each badly behaved plugin fails for its own reason, and what we ship passes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "sdk/check/contract.hpp"

namespace bearerd::check {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

constexpr const char* kEntry = R"({"issuer": "https://issuer.example", "audience": "orders"})";

Subject subject_of(const std::string& directory, const std::string& name) {
  Subject subject;
  subject.file = directory + "/" + name + ".so";
  subject.name = name;
  subject.settings = kEntry;
  subject.has_own_settings = true;
  subject.limit = std::chrono::seconds(100);  // of a sanitizer on a busy machine
  return subject;
}

Subject sinner(const std::string& name) { return subject_of(BEARERD_TEST_PLUGINS, name); }

Subject sinner_with(const std::string& name, const std::string& more_settings) {
  Subject subject = sinner(name);
  subject.settings = R"({"issuer": "https://issuer.example", "audience": "orders", )" + more_settings + "}";
  return subject;
}

std::string text_of(const Report& report) {
  std::string text;
  for (const Row& row : report.rows) {
    text += std::string(row.name) + " " + std::to_string(static_cast<int>(row.finding.outcome)) + " " +
            row.finding.detail + "\n";
  }
  return text + report.errors;
}

Finding finding_of(const Report& report, std::string_view name) {
  for (const Row& row : report.rows) {
    if (row.name == name) return row.finding;
  }
  return {Outcome::kSkipped, "there is no such check"};
}

void expect_fails(Subject subject, std::string_view check, const std::string& why) {
  subject.only = check;
  const Report report = check_contract(subject);
  EXPECT_TRUE(report.has_failed()) << subject.name;
  const Finding finding = finding_of(report, check);
  EXPECT_EQ(finding.outcome, Outcome::kFailed) << subject.name << ":\n" << text_of(report);
  EXPECT_THAT(finding.detail, HasSubstr(why)) << subject.name << ":\n" << text_of(report);
}

void expect_passes(const Subject& subject) {
  const Report report = check_contract(subject);
  EXPECT_FALSE(report.has_failed()) << subject.name << ":\n" << text_of(report);
  EXPECT_FALSE(report.is_incomplete) << subject.name << ":\n" << text_of(report);
  for (const char* check : {"symbols", "loading", "schema", "settings", "odd-settings", "verdicts", "speed", "threads",
                            "fetching", "unloading", "silence"}) {
    EXPECT_EQ(finding_of(report, check).outcome, Outcome::kPassed) << check << ":\n" << text_of(report);
  }
  const bool has_claims = subject.claims.has_value();
  EXPECT_EQ(finding_of(report, "token").outcome, has_claims ? Outcome::kPassed : Outcome::kSkipped) << text_of(report);
}

TEST(PluginContract, well_behaved_plugin_passes) {
  Subject subject = sinner("well-behaved");
  subject.settings = R"({"issuer": "https://issuer.example/", "audience": "orders"})";
  subject.claims = R"({"anything": 1})";
  expect_passes(subject);
}

TEST(PluginContract, one_check_alone_brings_what_it_needs) {
  Subject subject = sinner("well-behaved");
  subject.only = "speed";
  const Report report = check_contract(subject);
  std::string names;
  for (const Row& row : report.rows) names += std::string(row.name) + " ";
  EXPECT_EQ(names, "loading settings verdicts speed ");
}

TEST(PluginContract, plugin_made_for_1_0_passes) { expect_passes(sinner("made-for-1-0")); }

TEST(PluginContract, library_without_entry_fails_loading) {
  expect_fails(sinner("no-entry"), "symbols", "does not export bearerd_plugin_v1");
  expect_fails(sinner("no-entry"), "loading", "no bearerd plugin");
}
TEST(PluginContract, other_major_fails_loading) {
  expect_fails(sinner("wrong-major"), "loading", "another major version");
}
TEST(PluginContract, short_struct_fails_loading) { expect_fails(sinner("short-struct"), "loading", "too short"); }
TEST(PluginContract, other_name_fails_loading) { expect_fails(sinner("wrong-name"), "loading", "another name"); }
TEST(PluginContract, missing_function_fails_loading) { expect_fails(sinner("no-check"), "loading", "lacks one of"); }
TEST(PluginContract, missing_symbol_of_the_host_fails_loading) {
  expect_fails(sinner("needs-host-symbol"), "loading", "bearerd_inner_secret");
}
TEST(PluginContract, schema_that_is_none_fails_loading) {
  expect_fails(sinner("faulty-schema"), "loading", "settings schema");
}
TEST(PluginContract, more_than_one_symbol_fails) {
  expect_fails(sinner("extra-symbol"), "symbols", "more than its entry");
}
TEST(PluginContract, key_of_the_daemon_and_unfit_default_fail_the_schema) {
  expect_fails(sinner("greedy-schema"), "schema", R"("audience" is one of the daemon's own keys)");
  expect_fails(sinner("greedy-schema"), "schema", R"(the default of "most" is refused)");
}

TEST(PluginContract, refused_settings_fail_and_name_the_setting) {
  expect_fails(sinner("refuses-settings"), "settings", "domain: is not mine");
}
TEST(PluginContract, refusal_that_says_done_fails) {
  expect_fails(sinner("refuses-settings"), "settings", "says that it is done");
}
TEST(PluginContract, refusal_without_a_word_fails) {
  expect_fails(sinner("refuses-silently"), "settings", "does not say why");
}
TEST(PluginContract, settings_that_the_daemon_refuses_fail) {
  expect_fails(sinner_with("well-behaved", R"("audiense": "x")"), "settings", "audience");
}
TEST(PluginContract, odd_setting_that_is_refused_without_a_word_fails) {
  expect_fails(sinner("sulks"), "odd-settings", "does not say why");
}
TEST(PluginContract, look_into_settings_that_are_gone_fails) {
  expect_fails(sinner("keeps-settings"), "verdicts", "looks into its settings after create()");
}
TEST(PluginContract, wrong_word_in_trust_fails) {
  expect_fails(sinner_with("talkative", R"("say": "http keys")"), "settings", "JWKS URL that is not https");
  expect_fails(sinner_with("talkative", R"("say": "too much")"), "settings", "more than 1024 items");
}

TEST(PluginContract, exceptions_that_cross_fail_where_they_cross) {
  expect_fails(sinner_with("throws", R"("where": "create")"), "settings", "out of create()");
  expect_fails(sinner_with("throws", R"("where": "trust")"), "settings", "out of trust()");
  expect_fails(sinner("throws"), "settings", "out of destroy()");
}

TEST(PluginContract, zero_verdict_fails) { expect_fails(sinner("zero-verdict"), "verdicts", "answered 0"); }
TEST(PluginContract, careless_true_fails) { expect_fails(sinner("true-verdict"), "verdicts", "answered 1"); }
TEST(PluginContract, unknown_verdict_fails) {
  expect_fails(sinner("unknown-verdict"), "verdicts", "which is no verdict");
}
TEST(PluginContract, half_an_identity_fails) {
  expect_fails(sinner("half-identity"), "verdicts", "a field that there is not (99)");
  expect_fails(sinner("half-identity"), "verdicts", "no UTF-8");
}
TEST(PluginContract, nobody_fails) {
  Subject subject = sinner("nobody");
  subject.settings = R"({"issuer": "https://issuer.example/", "audience": "orders"})";
  subject.claims = R"({"anything": 1})";
  expect_fails(subject, "token", "missing_claim");
}
TEST(PluginContract, crash_fails_and_is_survived) { expect_fails(sinner("crashes"), "verdicts", " the process"); }
TEST(PluginContract, end_of_the_process_fails_and_is_survived) {
  expect_fails(sinner("leaves"), "verdicts", "ended the process, with status 3");
}
TEST(PluginContract, plugin_that_does_not_come_back_fails) {
  Subject subject = sinner_with("slow", R"("file": "/nonexistent")");
  subject.limit = std::chrono::seconds(3);
  expect_fails(subject, "verdicts", "did not come back within 3 s");
}
TEST(PluginContract, plugin_that_waits_fails) { expect_fails(sinner("waits"), "speed", "must never wait"); }
TEST(PluginContract, output_fails) { expect_fails(sinner("prints"), "silence", "writes to standard output"); }
TEST(PluginContract, claim_in_the_log_fails) {
  expect_fails(sinner("gossips"), "verdicts", "logs what stands in a token");
}
TEST(PluginContract, state_that_threads_share_fails) {
  Subject subject = sinner("shared-scratch");
  subject.only = "threads";
  const Report report = check_contract(subject);
  const Finding finding = finding_of(report, "threads");
  EXPECT_EQ(finding.outcome, Outcome::kFailed) << text_of(report);
  // ThreadSanitizer may end the process before anybody is mixed up.
  EXPECT_THAT(finding.detail, AnyOf(HasSubstr("other threads"), HasSubstr("ended the process"))) << text_of(report);
}
TEST(PluginContract, file_that_stays_open_fails) { expect_fails(sinner("leaves-open"), "memory", "leaves files open"); }
TEST(PluginContract, library_that_stays_mapped_fails) {
  expect_fails(sinner("stays-mapped"), "unloading", "stays mapped");
}

TEST(PluginContract, outage_that_is_believed_fails) {
  expect_fails(sinner("believes-outages"), "fetching", "accepts a credential about which nothing was learnt");
  expect_fails(sinner("believes-outages"), "fetching", "enrich() accepts though its fetch failed");
}
TEST(PluginContract, careful_fetching_passes) { expect_passes(sinner("fetches")); }

TEST(PluginContract, leak_fails) {
  Subject subject = sinner("leaks");
  subject.only = "memory";
  const Report report = check_contract(subject);
  const Finding finding = finding_of(report, "memory");
  if (finding.outcome == Outcome::kSkipped) GTEST_SKIP() << finding.detail;  // a sanitizer's allocator
  EXPECT_EQ(finding.outcome, Outcome::kFailed) << text_of(report);
  EXPECT_THAT(finding.detail, HasSubstr("loses memory"));
}

TEST(PluginContract, plugin_that_needs_settings_is_incomplete_without_them) {
  Subject subject = subject_of(BEARERD_PLUGIN_DIRECTORY, "okta");
  subject.has_own_settings = false;
  const Report report = check_contract(subject);
  EXPECT_FALSE(report.has_failed()) << text_of(report);
  EXPECT_TRUE(report.is_incomplete) << text_of(report);
  EXPECT_THAT(finding_of(report, "settings").detail, HasSubstr("needs --settings FILE: issuer: "));
}

// One token of each provider as it really is, with a provider's usual settings.
TEST(PluginContract, oidc_passes) {
  Subject subject = subject_of(BEARERD_PLUGIN_DIRECTORY, "oidc");
  subject.claims = R"({"sub": "user-1", "client_id": "shop", "jti": "id-1", "scope": "openid read"})";
  expect_passes(subject);
}
TEST(PluginContract, keycloak_passes) {
  Subject subject = subject_of(BEARERD_PLUGIN_DIRECTORY, "keycloak");
  subject.settings =
      R"({"issuer": "https://sso.example.test/realms/shop", "audience": "orders-api", "clientId": "orders-api",
                         "clients": ["shop-frontend"]})";
  subject.claims = R"({"iss": "https://sso.example.test/realms/shop", "aud": ["orders-api", "account"], "sub": "u1",
      "typ": "Bearer", "azp": "shop-frontend", "sid": "s1", "realm_access": {"roles": ["staff"]},
      "resource_access": {"orders-api": {"roles": ["order-reader"]}}, "scope": "openid email profile",
      "email_verified": true, "preferred_username": "fake.user", "email": "fake.user@example.test"})";
  expect_passes(subject);
}
TEST(PluginContract, auth0_passes) {
  Subject subject = subject_of(BEARERD_PLUGIN_DIRECTORY, "auth0");
  subject.settings = R"({"issuer": "https://example-tenant.eu.auth0.com/", "audience": "https://orders.example.test/",
                         "domain": ["example-tenant.eu.auth0.com"], "organizations": ["org_1"], "permissionsAsRoles": true})";
  subject.claims = R"({"iss": "https://example-tenant.eu.auth0.com/", "sub": "auth0|000000000000000000000001",
      "aud": ["https://orders.example.test/", "https://example-tenant.eu.auth0.com/userinfo"], "azp": "client-1",
      "scope": "openid profile read:orders", "permissions": ["read:orders", "write:orders"], "org_id": "org_1"})";
  expect_passes(subject);
}
TEST(PluginContract, cognito_passes) {
  Subject subject = subject_of(BEARERD_PLUGIN_DIRECTORY, "cognito");
  subject.settings =
      R"({"issuer": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_FAKEpool1", "audience": "client-1"})";
  subject.claims = R"({"sub": "00000000-1111", "cognito:groups": ["order-admins"],
      "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_FAKEpool1", "client_id": "client-1",
      "origin_jti": "o1", "token_use": "access", "scope": "openid", "username": "fake-user-1"})";
  expect_passes(subject);
}
TEST(PluginContract, entra_passes) {
  Subject subject = subject_of(BEARERD_PLUGIN_DIRECTORY, "entra");
  subject.settings = R"({"issuer": "https://login.microsoftonline.com/bbbbbbbb-0000-4000-8000-00000000b001/v2.0",
      "audience": "aaaaaaaa-0000-4000-8000-00000000a001", "tenants": ["bbbbbbbb-0000-4000-8000-00000000b001"]})";
  subject.claims = R"({"aud": "aaaaaaaa-0000-4000-8000-00000000a001",
      "iss": "https://login.microsoftonline.com/bbbbbbbb-0000-4000-8000-00000000b001/v2.0", "azp": "client-1",
      "name": "Fake Person", "oid": "dddddddd-0000-4000-8000-00000000d001", "roles": ["Orders.Approver"],
      "scp": "Orders.Read", "sub": "pairwise", "tid": "bbbbbbbb-0000-4000-8000-00000000b001", "ver": "2.0"})";
  expect_passes(subject);
}
TEST(PluginContract, google_passes) {
  Subject subject = subject_of(BEARERD_PLUGIN_DIRECTORY, "google");
  subject.settings = R"({"issuer": "https://accounts.google.com", "audience": "1-web.apps.googleusercontent.com",
      "tokenUse": "id", "hd": ["example.test"]})";
  subject.claims = R"({"iss": "https://accounts.google.com", "azp": "1-android.apps.googleusercontent.com",
      "aud": "1-web.apps.googleusercontent.com", "sub": "100000000000000000001", "hd": "example.test",
      "email": "fake.user@example.test", "email_verified": true, "name": "Fake User"})";
  expect_passes(subject);
}
TEST(PluginContract, okta_passes) {
  Subject subject = subject_of(BEARERD_PLUGIN_DIRECTORY, "okta");
  subject.settings =
      R"({"issuer": "https://example-org.okta.com/oauth2/aus1", "audience": "api://orders", "clients": ["0oa1"]})";
  subject.claims =
      R"({"ver": 1, "jti": "AT.1", "iss": "https://example-org.okta.com/oauth2/aus1", "aud": "api://orders",
      "cid": "0oa1", "uid": "00u1", "scp": ["openid", "orders.read"], "sub": "fake.user@example.test"})";
  expect_passes(subject);
}

}  // namespace
}  // namespace bearerd::check
