#include "unit/plugins/provider_fixture.hpp"

namespace bearerd::tests {
namespace {

// Named after the numbered traps of Keycloak's page (docs/providers/keycloak.md).
class Keycloak : public ProviderFixture {
 protected:
  Keycloak()
      : ProviderFixture(
            "keycloak",
            {{"exp", "1767225900"},
             {"iat", "1767225600"},
             {"jti", R"("onrtac:00000000-aaaa-4bbb-8ccc-000000000001")"},
             {"iss", R"("https://sso.example.test/realms/shop")"},
             {"aud", R"(["orders-api", "account"])"},
             {"sub", R"("11111111-aaaa-4bbb-8ccc-000000000001")"},
             {"typ", R"("Bearer")"},
             {"azp", R"("shop-frontend")"},
             {"sid", R"("22222222-aaaa-4bbb-8ccc-000000000001")"},
             {"realm_access", R"({"roles": ["default-roles-shop", "offline_access", "uma_authorization", "staff"]})"},
             {"resource_access", R"({"orders-api": {"roles": ["order-reader"]}, "account": {"roles": ["view-profile"]},
                                                 "my.client/x": {"roles": ["dotted"]}})"},
             {"scope", R"("openid email profile")"},
             {"email_verified", "true"},
             {"preferred_username", R"("fake.user")"},
             {"email", R"("fake.user@example.test")"}}) {}
};

TEST_F(Keycloak, user_access_token_is_accepted) { EXPECT_EQ(check_with({}), Reason::kOk); }
TEST_F(Keycloak, rfc_9068_header_is_accepted) { EXPECT_EQ(check_with({}, "at+jwt"), Reason::kOk); }
TEST_F(Keycloak, service_account_is_accepted) {
  EXPECT_EQ(check_with({{"sid", kAbsent},
                        {"client_id", R"("batch")"},
                        {"azp", R"("batch")"},
                        {"preferred_username", R"("service-account-batch")"},
                        {"jti", R"("trrtcc:1")"}}),
            Reason::kOk);
}
TEST_F(Keycloak, old_token_id_without_prefix_is_accepted) {
  EXPECT_EQ(check_with({{"jti", R"("00000000-aaaa")"}}), Reason::kOk);
}
TEST_F(Keycloak, token_without_id_is_accepted) { EXPECT_EQ(check_with({{"jti", kAbsent}}), Reason::kOk); }
TEST_F(Keycloak, token_id_that_only_looks_lightweight_is_accepted) {
  EXPECT_EQ(check_with({{"jti", R"("onltac-1")"}}), Reason::kOk);
}
TEST_F(Keycloak, uma_token_is_accepted) {
  EXPECT_EQ(check_with({{"authorization", R"({"permissions": []})"}}), Reason::kOk);
}
TEST_F(Keycloak, offline_sessions_access_token_is_accepted) {
  EXPECT_EQ(check_with({{"jti", R"("ofrtrt:1")"}}), Reason::kOk);
}
TEST_F(Keycloak, listed_client_is_accepted) {
  use(R"({"clients": ["shop-frontend"]})");
  EXPECT_EQ(check_with({}), Reason::kOk);
}
TEST_F(Keycloak, id_token_is_accepted_when_asked_for) {
  use(R"({"tokenUse": "id"})");
  EXPECT_EQ(check_with({{"typ", R"("ID")"}}), Reason::kOk);
}
TEST_F(Keycloak, both_uses_are_accepted_with_any) {
  use(R"({"tokenUse": "any"})");
  EXPECT_EQ(check_with({{"typ", R"("ID")"}}), Reason::kOk);
  EXPECT_EQ(check_with({}), Reason::kOk);
}
TEST_F(Keycloak, strict_typ_accepts_at_jwt) {
  use(R"({"strictTyp": true})");
  EXPECT_EQ(check_with({}, "at+jwt"), Reason::kOk);
}
TEST_F(Keycloak, lightweight_token_is_accepted_when_asked_for) {
  use(R"({"lightweightTokens": "accept"})");
  EXPECT_EQ(check_with({{"jti", R"("onltac:1")"}, {"realm_access", kAbsent}}), Reason::kOk);
}

TEST_F(Keycloak, trap_1_token_of_a_client_that_is_not_listed_is_refused) {
  use(R"({"clients": ["other"]})");
  EXPECT_EQ(check_with({}), Reason::kClaimRejected);
  EXPECT_EQ(check_with({{"azp", kAbsent}}), Reason::kClaimRejected);
  EXPECT_EQ(check_with({{"azp", R"(["other"])"}}), Reason::kClaimRejected);
  EXPECT_EQ(check_with({{"azp", kAbsent}, {"client_id", R"("other")"}}), Reason::kClaimRejected);
}
TEST_F(Keycloak, trap_2_every_other_kind_of_token_is_refused) {
  for (const char* kind : {"ID", "Refresh", "Offline", "Logout", "bearer", "Bearer ", ""}) {
    EXPECT_EQ(check_with({{"typ", "\"" + std::string(kind) + "\""}}), Reason::kWrongTokenUse) << kind;
  }
  EXPECT_EQ(check_with({{"typ", kAbsent}}), Reason::kWrongTokenUse);
  EXPECT_EQ(check_with({{"typ", R"(["Bearer"])"}}), Reason::kWrongTokenUse);
}
TEST_F(Keycloak, trap_2_refresh_and_logout_tokens_are_refused_even_with_any) {
  use(R"({"tokenUse": "any"})");
  for (const char* kind : {"Refresh", "Offline", "Logout"}) {
    EXPECT_EQ(check_with({{"typ", "\"" + std::string(kind) + "\""}}), Reason::kWrongTokenUse) << kind;
  }
}
TEST_F(Keycloak, trap_2_header_types_of_other_tokens_are_refused) {
  for (const char* type : {"logout+jwt", "dpop+jwt", "secevent+jwt"})
    EXPECT_EQ(check_with({}, type), Reason::kWrongTokenUse) << type;
}
TEST_F(Keycloak, access_token_is_refused_where_id_tokens_are_asked_for) {
  use(R"({"tokenUse": "id"})");
  EXPECT_EQ(check_with({}), Reason::kWrongTokenUse);
  EXPECT_EQ(check_with({{"typ", R"("ID")"}}, "at+jwt"), Reason::kWrongTokenUse);
}
TEST_F(Keycloak, dpop_bound_token_is_sender_constrained) {
  EXPECT_EQ(check_with({{"typ", R"("DPoP")"}}), Reason::kSenderConstrained);
}
TEST_F(Keycloak, event_token_is_refused) { EXPECT_EQ(check_with({{"events", "{}"}}), Reason::kWrongTokenUse); }
TEST_F(Keycloak, strict_typ_refuses_plain_jwt) {
  use(R"({"strictTyp": true})");
  EXPECT_EQ(check_with({}), Reason::kWrongTokenUse);
  EXPECT_EQ(check_with({}, std::nullopt), Reason::kWrongTokenUse);
}
TEST_F(Keycloak, trap_8_missing_subject_is_refused_though_there_is_a_user_name) {
  EXPECT_EQ(check_with({{"sub", kAbsent}}), Reason::kMissingClaim);
  EXPECT_EQ(check_with({{"sub", R"("")"}}), Reason::kMissingClaim);
  EXPECT_EQ(check_with({{"sub", "5"}}), Reason::kMissingClaim);
}
TEST_F(Keycloak, lightweight_token_is_refused_because_its_roles_are_unknown) {
  EXPECT_EQ(check_with({{"jti", R"("onltac:1")"}}), Reason::kMissingClaim);
  EXPECT_EQ(check_with({{"jti", R"("trltcc:1")"}}), Reason::kMissingClaim);
}
TEST_F(Keycloak, roles_that_a_lightweight_token_leaves_out_are_not_read_as_none) {
  for (const char* roles : {R"("clientId": "orders-api")", R"("realmRoles": true)", R"("rolePath": ["roles"])"}) {
    EXPECT_EQ(refused_setting(std::string(R"({"lightweightTokens": "accept", )") + roles + "}"), "lightweightTokens")
        << roles;
  }
  // Introspection makes them whole.
  EXPECT_EQ(refused_setting(R"({"lightweightTokens": "accept", "clientId": "orders-api",
                                "introspection": {"url": "https://sso.example.test/i", "tokens": "all"}})"),
            "");
}
TEST_F(Keycloak, settings_that_let_nobody_in_are_refused_at_load) {
  EXPECT_EQ(refused_setting(R"({"clients": []})"), "clients");
  EXPECT_EQ(refused_setting(R"({"clientId": ""})"), "clientId");
  EXPECT_EQ(refused_setting(R"({"strictTyp": true, "tokenUse": "any"})"), "strictTyp");
}

TEST_F(Keycloak, trap_4_roles_are_those_of_our_own_client) {
  use(R"({"clientId": "orders-api"})");
  EXPECT_EQ(identify_with({}).roles, std::vector<std::string>{"order-reader"});
}
TEST_F(Keycloak, trap_4_client_id_is_a_key_and_no_path) {
  use(R"({"clientId": "my.client/x"})");
  EXPECT_EQ(identify_with({}).roles, std::vector<std::string>{"dotted"});
}
TEST_F(Keycloak, trap_5_default_roles_are_left_out) {
  use(R"({"realmRoles": true})");
  EXPECT_EQ(identify_with({}).roles, std::vector<std::string>{"staff"});
}
TEST_F(Keycloak, trap_5_default_roles_are_kept_when_asked_for) {
  use(R"({"realmRoles": true, "defaultRoles": true})");
  EXPECT_EQ(identify_with({}).roles.size(), 4U);
}
TEST_F(Keycloak, trap_7_missing_roles_are_no_roles) {
  use(R"({"clientId": "orders-api", "realmRoles": true})");
  const auto identity =
      identify_with({{"realm_access", kAbsent}, {"resource_access", R"({"other": {"roles": ["x"]}})"}});
  EXPECT_TRUE(identity.has_roles);
  EXPECT_TRUE(identity.roles.empty());
}
TEST_F(Keycloak, roles_of_a_wrong_type_are_no_roles) {
  use(R"({"realmRoles": true})");
  EXPECT_TRUE(identify_with({{"realm_access", R"({"roles": {"staff": true}})"}}).roles.empty());
  EXPECT_TRUE(identify_with({{"realm_access", R"({"roles": ["staff", 1]})"}}).roles.empty());
}
TEST_F(Keycloak, without_role_settings_the_operators_paths_decide) { EXPECT_FALSE(identify_with({}).has_roles); }
TEST_F(Keycloak, identity_has_the_standard_claims) {
  const auto identity = identify_with({});
  EXPECT_EQ(identity.name, "fake.user");
  EXPECT_EQ(identity.email, "fake.user@example.test");
  EXPECT_EQ(identity.session, "22222222-aaaa-4bbb-8ccc-000000000001");
  EXPECT_FALSE(identity.has_user_id);
}

}  // namespace
}  // namespace bearerd::tests
