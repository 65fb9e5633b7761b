#include "unit/plugins/provider_fixture.hpp"

namespace bearerd::tests {
namespace {

// Named after the numbered traps of Auth0's page (docs/providers/auth0.md).
class Auth0 : public ProviderFixture {
 protected:
  Auth0()
      : ProviderFixture("auth0",
                        {{"iss", R"("https://example-tenant.eu.auth0.com/")"},
                         {"sub", R"("auth0|000000000000000000000001")"},
                         {"aud", R"(["https://orders.example.test/", "https://example-tenant.eu.auth0.com/userinfo"])"},
                         {"iat", "1767225600"},
                         {"exp", "1767312000"},
                         {"azp", R"("client-1")"},
                         {"scope", R"("openid profile read:orders")"},
                         {"permissions", R"(["read:orders", "write:orders"])"},
                         {"org_id", R"("org_1")"},
                         {"https://example.test/roles", R"(["buyer"])"}}) {}
  static constexpr const char* kDomain = R"({"domain": ["example-tenant.eu.auth0.com", "login.example.test"]})";
  const ClaimMap id_token_ = {
      {"aud", R"("client-1")"}, {"azp", kAbsent}, {"scope", kAbsent}, {"permissions", kAbsent}, {"sid", R"("s1")"}};
};

TEST_F(Auth0, user_token_of_the_auth0_dialect_is_accepted) { EXPECT_EQ(check_with({}), Reason::kOk); }
TEST_F(Auth0, trap_10_user_token_of_the_rfc_9068_dialect_is_accepted) {
  EXPECT_EQ(check_with({{"azp", kAbsent}, {"client_id", R"("client-1")"}, {"jti", R"("1")"}}, "at+jwt"), Reason::kOk);
}
TEST_F(Auth0, machine_token_is_accepted) {
  EXPECT_EQ(check_with({{"sub", R"("m2m@clients")"},
                        {"aud", R"("https://orders.example.test/")"},
                        {"gty", R"("client-credentials")"},
                        {"scope", kAbsent},
                        {"permissions", kAbsent}}),
            Reason::kOk);
}
TEST_F(Auth0, token_without_scope_is_accepted_by_its_azp) {
  EXPECT_EQ(check_with({{"scope", kAbsent}, {"permissions", kAbsent}}), Reason::kOk);
}
TEST_F(Auth0, token_without_organization_is_accepted_where_none_is_asked_for) {
  EXPECT_EQ(check_with({{"org_id", kAbsent}}), Reason::kOk);
}
TEST_F(Auth0, trap_2_both_domains_of_a_tenant_are_accepted) {
  use(kDomain);
  EXPECT_EQ(check_with({}), Reason::kOk);
  EXPECT_EQ(check_with({{"iss", R"("https://login.example.test/")"}}), Reason::kOk);
}
TEST_F(Auth0, issuer_of_the_common_settings_is_accepted_beside_the_domains) {
  use(R"({"domain": "login.example.test", "issuer": ["https://example-tenant.eu.auth0.com/"]})");
  EXPECT_EQ(check_with({}), Reason::kOk);
}
TEST_F(Auth0, listed_organization_is_accepted) {
  use(R"({"organizations": ["org_1"]})");
  EXPECT_EQ(check_with({}), Reason::kOk);
}
TEST_F(Auth0, listed_client_is_accepted_in_both_dialects) {
  use(R"({"clients": ["client-1"]})");
  EXPECT_EQ(check_with({}), Reason::kOk);
  EXPECT_EQ(check_with({{"azp", kAbsent}, {"client_id", R"("client-1")"}}, "at+jwt"), Reason::kOk);
}
TEST_F(Auth0, anonymous_session_is_accepted_when_asked_for) {
  use(R"({"allowAnonymousSessions": true})");
  EXPECT_EQ(check_with({{"sub", R"("anon@1")"}}), Reason::kOk);
}
TEST_F(Auth0, id_token_is_accepted_when_asked_for) {
  use(R"({"tokenUse": "id"})");
  EXPECT_EQ(check_with(id_token_), Reason::kOk);
}
TEST_F(Auth0, both_uses_are_accepted_with_any) {
  use(R"({"tokenUse": "any"})");
  EXPECT_EQ(check_with(id_token_), Reason::kOk);
  EXPECT_EQ(check_with({}), Reason::kOk);
}
TEST_F(Auth0, strict_typ_accepts_the_rfc_9068_dialect) {
  use(R"({"strictTyp": true})");
  EXPECT_EQ(check_with({}, "at+jwt"), Reason::kOk);
}

TEST_F(Auth0, trap_1_issuer_without_its_slash_is_refused) {
  use(kDomain);
  EXPECT_EQ(check_with({{"iss", R"("https://example-tenant.eu.auth0.com")"}}), Reason::kUnknownIssuer);
  EXPECT_EQ(check_with({{"iss", R"("https://example-tenant.eu.auth0.com//")"}}), Reason::kUnknownIssuer);
}
TEST_F(Auth0, trap_1_issuer_without_its_slash_is_refused_at_load) {
  EXPECT_EQ(refused_setting(R"({"issuer": ["https://example-tenant.eu.auth0.com"]})"), "issuer");
}
TEST_F(Auth0, trap_2_domain_of_the_tenant_that_is_not_listed_is_refused) {
  use(R"({"domain": "login.example.test"})");
  EXPECT_EQ(check_with({}), Reason::kUnknownIssuer);
  EXPECT_EQ(check_with({{"iss", R"("https://login.example.test.evil.example/")"}}), Reason::kUnknownIssuer);
  EXPECT_EQ(check_with({{"iss", R"(["https://login.example.test/"])"}}), Reason::kUnknownIssuer);
  EXPECT_EQ(check_with({{"iss", kAbsent}}), Reason::kUnknownIssuer);
}
TEST_F(Auth0, trap_3_id_token_is_refused) {
  EXPECT_EQ(check_with(id_token_), Reason::kWrongTokenUse);
  EXPECT_EQ(check_with({{"nonce", R"("n")"}}), Reason::kWrongTokenUse);
  EXPECT_EQ(check_with({{"at_hash", R"("h")"}}), Reason::kWrongTokenUse);
}
TEST_F(Auth0, trap_3_access_token_is_refused_where_id_tokens_are_asked_for) {
  use(R"({"tokenUse": "id"})");
  EXPECT_EQ(check_with({}), Reason::kWrongTokenUse);
  EXPECT_EQ(check_with(id_token_, "at+jwt"), Reason::kWrongTokenUse);
}
TEST_F(Auth0, trap_4_audience_of_user_info_alone_is_refused) {
  EXPECT_EQ(check_with({{"aud", R"("https://example-tenant.eu.auth0.com/userinfo")"}}), Reason::kWrongAudience);
  EXPECT_EQ(check_with({{"aud", R"(["https://example-tenant.eu.auth0.com/userinfo"])"}}), Reason::kWrongAudience);
}
TEST_F(Auth0, trap_4_user_info_of_another_domain_of_the_tenant_is_refused) {
  use(R"({"domain": ["login.example.test", "other.example.test"]})");
  for (const char* audience : {"https://login.example.test/userinfo", "https://other.example.test/userinfo",
                               "https://example-tenant.eu.auth0.com/userinfo"}) {
    EXPECT_EQ(check_with({{"iss", R"("https://login.example.test/")"}, {"aud", "\"" + std::string(audience) + "\""}}),
              Reason::kWrongAudience)
        << audience;
  }
}
TEST_F(Auth0, missing_or_ill_typed_audience_is_refused) {
  for (const char* audience : {"", "5", "null", "{}", "[]", R"(["https://orders.example.test/", 5])"}) {
    EXPECT_EQ(check_with({{"aud", audience}}), Reason::kWrongAudience) << audience;
  }
}
TEST_F(Auth0, trap_4_user_info_as_our_audience_is_refused_at_load) {
  EXPECT_EQ(refused_setting(R"({"audience": ["https://example-tenant.eu.auth0.com/userinfo"]})"), "audience");
  EXPECT_EQ(refused_setting(
                R"({"issuer": ["https://login.example.test/"], "audience": ["https://login.example.test/userinfo"]})"),
            "audience");
  EXPECT_EQ(refused_setting(R"({"domain": "login.example.test", "audience": ["https://login.example.test/userinfo"]})"),
            "audience");
}
TEST_F(Auth0, trap_7_missing_permissions_are_no_roles) {
  use(R"({"permissionsAsRoles": true})");
  EXPECT_EQ(identify_with({}).roles, (std::vector<std::string>{"read:orders", "write:orders"}));
  const auto identity = identify_with({{"permissions", kAbsent}});
  EXPECT_TRUE(identity.has_roles);
  EXPECT_TRUE(identity.roles.empty());
}
TEST_F(Auth0, permissions_are_no_roles_unless_asked_for) { EXPECT_FALSE(identify_with({}).has_roles); }
TEST_F(Auth0, trap_8_unverified_address_is_none) {
  EXPECT_TRUE(identify_with({{"email", R"("a@b.test")"}}).email.empty());
  EXPECT_TRUE(identify_with({{"email", R"("a@b.test")"}, {"email_verified", "false"}}).email.empty());
  EXPECT_EQ(identify_with({{"email", R"("a@b.test")"}, {"email_verified", "true"}}).email, "a@b.test");
}
TEST_F(Auth0, trap_9_anonymous_session_is_refused) {
  EXPECT_EQ(check_with({{"sub", R"("anon@1")"}}), Reason::kClaimRejected);
}
TEST_F(Auth0, organization_that_is_not_listed_is_another_tenant) {
  use(R"({"organizations": ["org_2"]})");
  EXPECT_EQ(check_with({}), Reason::kWrongTenant);
  EXPECT_EQ(check_with({{"org_id", kAbsent}}), Reason::kWrongTenant);
  EXPECT_EQ(check_with({{"org_id", R"(["org_2"])"}}), Reason::kWrongTenant);
}
TEST_F(Auth0, client_that_is_not_listed_is_refused) {
  use(R"({"clients": ["client-2"]})");
  EXPECT_EQ(check_with({}), Reason::kClaimRejected);
  EXPECT_EQ(check_with({{"azp", kAbsent}}), Reason::kClaimRejected);
}
TEST_F(Auth0, tokens_typed_as_something_else_are_refused) {
  for (const char* type : {"logout+jwt", "dpop+jwt", "secevent+jwt"})
    EXPECT_EQ(check_with({}, type), Reason::kWrongTokenUse) << type;
  EXPECT_EQ(check_with({{"events", "{}"}}), Reason::kWrongTokenUse);
}
TEST_F(Auth0, strict_typ_refuses_the_auth0_dialect) {
  use(R"({"strictTyp": true})");
  EXPECT_EQ(check_with({}), Reason::kWrongTokenUse);
}
TEST_F(Auth0, domain_that_is_no_bare_host_name_is_refused_at_load) {
  for (const char* domain : {"https://x.auth0.com", "x.auth0.com/", "X.auth0.com", "localhost", "", ".auth0.com",
                             "<domain>.auth0.com", "x.auth0.com:443", "a..b", "user@x.auth0.com"}) {
    EXPECT_EQ(refused_setting(R"({"domain": [")" + std::string(domain) + R"("]})"), "domain") << domain;
  }
}
TEST_F(Auth0, empty_lists_are_refused_at_load) {
  for (const char* key : {"domain", "organizations", "clients"}) {
    EXPECT_EQ(refused_setting(R"({")" + std::string(key) + R"(": []})"), key);
  }
  EXPECT_EQ(refused_setting(R"({"strictTyp": true, "tokenUse": "id"})"), "strictTyp");
}
TEST_F(Auth0, domains_give_issuers_and_their_keys) {
  use(kDomain);
  const plugin::Trust& trust = instance_->trust();
  EXPECT_EQ(trust.issuers,
            (std::vector<std::string>{"https://example-tenant.eu.auth0.com/", "https://login.example.test/"}));
  ASSERT_EQ(trust.keys.size(), 2U);
  EXPECT_EQ(trust.keys[0].issuer, "https://example-tenant.eu.auth0.com/");
  EXPECT_TRUE(trust.keys[0].jwks_url.empty());
}
TEST_F(Auth0, jwks_url_of_the_settings_wins_over_discovery) {
  use(R"({"domain": "login.example.test", "jwksUrl": "https://keys.example.test/jwks"})");
  EXPECT_TRUE(instance_->trust().keys.empty());
  EXPECT_EQ(instance_->trust().issuers.size(), 1U);
}

}  // namespace
}  // namespace bearerd::tests
