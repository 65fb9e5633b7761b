#include "unit/plugins/provider_fixture.hpp"

namespace bearerd::tests {
namespace {

constexpr const char* kTenant = "bbbbbbbb-0000-4000-8000-00000000b001";
constexpr const char* kOther = "cccccccc-0000-4000-8000-00000000c001";

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

// Named after the numbered traps of Entra's page (docs/providers/entra.md).
class Entra : public ProviderFixture {
 protected:
  Entra()
      : ProviderFixture("entra",
                        {{"aud", R"("aaaaaaaa-0000-4000-8000-00000000a001")"},
                         {"iss", quoted(std::string("https://login.microsoftonline.com/") + kTenant + "/v2.0")},
                         {"azp", R"("client-1")"},
                         {"name", R"("Fake Person")"},
                         {"oid", R"("dddddddd-0000-4000-8000-00000000d001")"},
                         {"preferred_username", R"("fake.person@example.test")"},
                         {"roles", R"(["Orders.Approver"])"},
                         {"scp", R"("Orders.Read")"},
                         {"sub", R"("pairwise")"},
                         {"tid", quoted(kTenant)},
                         {"ver", R"("2.0")"}}) {}
  void use_tenant() { use(std::string(R"({"tenants": [")") + kTenant + R"("], "cloud": "public"})"); }
  const ClaimMap v1_app_ = {{"iss", quoted(std::string("https://sts.windows.net/") + kTenant + "/")},
                            {"azp", kAbsent},
                            {"appid", R"("client-1")"},
                            {"scp", kAbsent},
                            {"idtyp", R"("app")"},
                            {"ver", R"("1.0")"}};
};

TEST_F(Entra, tokens_of_both_versions_are_accepted) {
  use_tenant();
  EXPECT_EQ(check_with({}), Reason::kOk);
  EXPECT_EQ(check_with(v1_app_), Reason::kOk);
}
TEST_F(Entra, trap_1_tenant_that_is_not_listed_is_refused) {
  use_tenant();
  EXPECT_EQ(check_with({{"tid", quoted(kOther)},
                        {"iss", quoted(std::string("https://login.microsoftonline.com/") + kOther + "/v2.0")}}),
            Reason::kWrongTenant);
}
TEST_F(Entra, trap_2_tenant_and_issuer_must_agree) {
  EXPECT_EQ(check_with({{"tid", quoted(kOther)}}), Reason::kWrongTenant);
  EXPECT_EQ(check_with({{"tid", R"("example.test")"}}), Reason::kWrongTenant);
  EXPECT_EQ(check_with({{"tid", R"("")"}}), Reason::kWrongTenant);
  EXPECT_EQ(check_with({{"tid", kAbsent}}), Reason::kMissingClaim);
  EXPECT_EQ(check_with({{"tid", "5"}}), Reason::kMissingClaim);
}
TEST_F(Entra, trap_3_both_versions_issuers_are_declared_for_the_tenants) {
  use_tenant();
  const auto& templates = instance_->trust().templates;
  ASSERT_EQ(templates.size(), 2U);
  EXPECT_EQ(templates[0].text, "https://login.microsoftonline.com/{tenantid}/v2.0");
  EXPECT_EQ(templates[1].text, "https://sts.windows.net/{tenantid}/");
  for (const auto& each : templates) {
    EXPECT_EQ(each.allowed, std::vector<std::string>{kTenant});
    EXPECT_EQ(each.claim, "tid");
  }
  EXPECT_EQ(instance_->trust().keys.size(), 2U);
}
TEST_F(Entra, trap_3_an_issuer_that_was_named_is_not_widened_by_the_jwks_url) {
  const std::string url = std::string(R"("jwksUrl": "https://login.microsoftonline.com/)") + kTenant + R"(/keys")";
  use("{" + url + R"(, "issuer": ["https://login.microsoftonline.com/t/v2.0"]})");
  EXPECT_TRUE(instance_->trust().templates.empty());
  EXPECT_EQ(check_with({}), Reason::kOk);
  EXPECT_EQ(check_with({{"tid", quoted(kOther)}}), Reason::kWrongTenant);
  use("{" + url + "}");
  EXPECT_EQ(instance_->trust().templates.size(), 2U);
}
TEST_F(Entra, tenants_are_taken_in_any_letters_and_looked_for_as_entra_writes_them) {
  use(R"({"tenants": ["BBBBBBBB-0000-4000-8000-00000000B001"]})");
  EXPECT_EQ(check_with({}), Reason::kOk);
  EXPECT_EQ(instance_->trust().templates.at(0).allowed, std::vector<std::string>{kTenant});
  use(R"({"jwksUrl": "https://login.microsoftonline.com/BBBBBBBB-0000-4000-8000-00000000B001/discovery/v2.0/keys"})");
  EXPECT_EQ(check_with({}), Reason::kOk);
  EXPECT_EQ(
      check_with({{"tid", quoted(kOther)}, {"iss", quoted(std::string("https://sts.windows.net/") + kOther + "/")}}),
      Reason::kWrongTenant);
}
TEST_F(Entra, tenant_of_the_jwks_url_binds) {
  use(std::string(R"({"jwksUrl": "https://login.microsoftonline.com/)") + kOther + R"(/discovery/v2.0/keys"})");
  EXPECT_EQ(check_with({}), Reason::kWrongTenant);
  EXPECT_TRUE(instance_->trust().keys.empty());
  EXPECT_EQ(
      refused_setting(std::string(R"({"tenants": [")") + kTenant +
                      R"("], "jwksUrl": "https://login.microsoftonline.com/)" + kOther + R"(/discovery/v2.0/keys"})"),
      "tenants");
}
TEST_F(Entra, trap_4_user_is_tenant_and_object_and_no_address) {
  const auto identity = identify_with({{"email", R"("victim@example.test")"}});
  EXPECT_EQ(identity.user_id, std::string(kTenant) + ".dddddddd-0000-4000-8000-00000000d001");
  EXPECT_TRUE(identity.email.empty());
  EXPECT_EQ(identify_with({{"email", R"("a@b.test")"}, {"xms_edov", "true"}}).email, "a@b.test");
}
TEST_F(Entra, trap_5_application_without_a_permission_is_refused) {
  for (const char* roles : {"", "[]", R"({"a": 1})", "null"}) {
    ClaimMap app = v1_app_;
    app["roles"] = roles;
    EXPECT_EQ(check_with(app), Reason::kMissingClaim) << roles;
  }
}
TEST_F(Entra, trap_6_applications_can_be_kept_out) {
  use(R"({"allowApplications": false})");
  EXPECT_EQ(check_with(v1_app_), Reason::kClaimRejected);
  EXPECT_EQ(check_with({}), Reason::kOk);
}
TEST_F(Entra, trap_6_idtyp_says_who_is_an_application_and_who_a_person) {
  use(R"({"allowApplications": false})");
  EXPECT_EQ(check_with({{"idtyp", R"("user")"}}), Reason::kOk);
  EXPECT_EQ(check_with({{"idtyp", R"("user")"}, {"scp", kAbsent}}), Reason::kOk);
  for (const char* kind : {R"("app")", R"("device")", R"(["user"])", "null", R"("User")"})
    EXPECT_EQ(check_with({{"idtyp", kind}}), Reason::kClaimRejected) << kind;
  use("{}");
  EXPECT_EQ(check_with({{"idtyp", R"("app")"}, {"roles", kAbsent}}), Reason::kMissingClaim);
  EXPECT_EQ(check_with({{"idtyp", R"("user")"}, {"scp", kAbsent}, {"roles", kAbsent}}), Reason::kMissingClaim);
}
TEST_F(Entra, trap_7_id_token_with_roles_is_refused) {
  EXPECT_EQ(check_with({{"azp", kAbsent}, {"scp", kAbsent}}), Reason::kWrongTokenUse);
  EXPECT_EQ(check_with({{"nonce", R"("n")"}}), Reason::kWrongTokenUse);
}
TEST_F(Entra, id_token_is_accepted_when_asked_for) {
  use(R"({"tokenUse": "id"})");
  EXPECT_EQ(check_with({{"azp", kAbsent}, {"scp", kAbsent}, {"nonce", R"("n")"}}), Reason::kOk);
  EXPECT_EQ(check_with({}), Reason::kWrongTokenUse);
}
TEST_F(Entra, trap_8_group_overage_is_unknown_and_refused) {
  EXPECT_EQ(check_with({{"_claim_names", R"({"groups": "src1"})"}}), Reason::kMissingClaim);
  for (const char* mark : {"true", R"("true")", "1"})
    EXPECT_EQ(check_with({{"hasgroups", mark}}), Reason::kMissingClaim) << mark;
  use(R"({"groupOverage": "accept"})");
  EXPECT_EQ(check_with({{"_claim_names", R"({"groups": "src1"})"}}), Reason::kOk);
}
TEST_F(Entra, trap_8_overage_is_not_accepted_where_groups_are_the_roles) {
  EXPECT_EQ(refused_setting(R"({"groupOverage": "accept", "rolePath": ["roles", "groups"]})"), "groupOverage");
  EXPECT_EQ(refused_setting(R"({"groupOverage": "accept", "rolePath": ["roles"]})"), "");
  EXPECT_EQ(refused_setting(R"({"groupOverage": "refuse", "rolePath": ["groups"]})"), "");
}
TEST_F(Entra, trap_9_algorithm_is_named_because_the_keys_do_not) {
  use("{}");
  EXPECT_EQ(instance_->trust().algorithms, std::vector<base::Algorithm>{base::Algorithm::kRs256});
}
TEST_F(Entra, token_for_graph_is_refused) {
  for (const char* audience :
       {"00000003-0000-0000-c000-000000000000", "https://graph.microsoft.com", "https://graph.microsoft.com/"}) {
    EXPECT_EQ(check_with({{"aud", quoted(audience)}}), Reason::kWrongAudience) << audience;
  }
}
TEST_F(Entra, b2c_token_without_tenant_needs_its_exact_issuer) {
  const std::string issuer = "https://name.b2clogin.com/" + std::string(kTenant) + "/v2.0/";
  const ClaimMap b2c = {{"iss", quoted(issuer)}, {"tid", kAbsent}};
  EXPECT_EQ(check_with(b2c), Reason::kMissingClaim);
  use(R"({"issuer": [")" + issuer + R"("]})");
  EXPECT_EQ(check_with(b2c), Reason::kOk);
}
TEST_F(Entra, client_that_is_not_listed_is_refused) {
  use(R"({"clients": ["client-2"]})");
  EXPECT_EQ(check_with({}), Reason::kClaimRejected);
  EXPECT_EQ(check_with(v1_app_), Reason::kClaimRejected);
}
TEST_F(Entra, settings_that_can_not_work_are_refused_at_load) {
  EXPECT_EQ(refused_setting(R"({"tenants": ["example.test"]})"), "tenants");
  EXPECT_EQ(refused_setting(R"({"tenants": []})"), "tenants");
  EXPECT_EQ(refused_setting(R"({"clients": []})"), "clients");
}

}  // namespace
}  // namespace bearerd::tests
