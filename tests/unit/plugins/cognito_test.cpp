#include "unit/plugins/provider_fixture.hpp"

namespace bearerd::tests {
namespace {

// Named after the numbered traps of Cognito's page (docs/providers/cognito.md).
class Cognito : public ProviderFixture {
 protected:
  Cognito()
      : ProviderFixture("cognito",
                        {{"sub", R"("00000000-1111")"},
                         {"cognito:groups", R"(["order-admins"])"},
                         {"iss", R"("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_FAKEpool1")"},
                         {"client_id", R"("client-1")"},
                         {"origin_jti", R"("o1")"},
                         {"token_use", R"("access")"},
                         {"scope", R"("openid")"},
                         {"username", R"("fake-user-1")"}},
                        std::nullopt) {}
  const ClaimMap id_token_ = {{"token_use", R"("id")"}, {"client_id", kAbsent},
                              {"scope", kAbsent},       {"username", kAbsent},
                              {"aud", R"("client-1")"}, {"cognito:username", R"("fake-user-1")"}};
};

TEST_F(Cognito, user_and_machine_tokens_are_accepted) {
  EXPECT_EQ(check_with({}), Reason::kOk);
  EXPECT_EQ(check_with({{"username", kAbsent}, {"cognito:groups", kAbsent}, {"sub", R"("client-1")"}}), Reason::kOk);
}
TEST_F(Cognito, trap_1_audience_stands_in_client_id) {
  use("{}");
  EXPECT_EQ(instance_->trust().audience_claim.segments, std::vector<std::string>{"client_id"});
  EXPECT_EQ(check_with({{"client_id", kAbsent}}), Reason::kMissingClaim);
  use(R"({"tokenUse": "id"})");
  EXPECT_EQ(instance_->trust().audience_claim, base::ClaimPath::from_text("aud"));
}
TEST_F(Cognito, trap_2_token_use_is_checked) {
  EXPECT_EQ(check_with(id_token_), Reason::kWrongTokenUse);
  EXPECT_EQ(check_with({{"token_use", kAbsent}}), Reason::kWrongTokenUse);
  EXPECT_EQ(check_with({{"token_use", R"("Access")"}}), Reason::kWrongTokenUse);
  use(R"({"tokenUse": "id"})");
  EXPECT_EQ(check_with(id_token_), Reason::kOk);
  EXPECT_EQ(check_with({}), Reason::kWrongTokenUse);
}
TEST_F(Cognito, trap_3_both_forms_of_the_issuer_are_known) {
  use(R"({"userPoolId": "eu-west-1_FAKEpool1", "issuerForm": "both"})");
  EXPECT_EQ(instance_->trust().issuers,
            (std::vector<std::string>{"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_FAKEpool1",
                                      "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_FAKEpool1"}));
  EXPECT_EQ(check_with({{"iss", R"("https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_FAKEpool1")"}}),
            Reason::kOk);
}
TEST_F(Cognito, token_of_another_pool_is_refused) {
  use(R"({"userPoolId": "eu-west-1_FAKEpool2", "issuerForm": "original"})");
  EXPECT_EQ(check_with({}), Reason::kUnknownIssuer);
}
TEST_F(Cognito, groups_are_the_roles_and_missing_ones_are_none) {
  EXPECT_EQ(identify_with({}).roles, std::vector<std::string>{"order-admins"});
  const auto identity = identify_with({{"cognito:groups", kAbsent}});
  EXPECT_TRUE(identity.has_roles);
  EXPECT_TRUE(identity.roles.empty());
}
TEST_F(Cognito, trap_6_user_name_is_a_name_and_no_key) {
  const auto identity = identify_with({});
  EXPECT_EQ(identity.name, "fake-user-1");
  EXPECT_FALSE(identity.has_user_id);
  EXPECT_EQ(identity.session, "o1");
}
TEST_F(Cognito, trap_7_address_verified_by_a_text_is_none) {
  EXPECT_TRUE(identify_with({{"email", R"("a@b.test")"}, {"email_verified", R"("true")"}}).email.empty());
}
TEST_F(Cognito, trap_8_resource_binding_is_kept) {
  EXPECT_EQ(check_with({{"aud", R"("https://other.example.test")"}}), Reason::kWrongAudience);
  use(R"({"resource": ["https://orders.example.test"]})");
  EXPECT_EQ(check_with({}), Reason::kWrongAudience);
  EXPECT_EQ(check_with({{"aud", R"("https://orders.example.test")"}}), Reason::kOk);
}
TEST_F(Cognito, client_ids_bind_both_kinds_of_token) {
  use(R"({"tokenUse": "any", "clientIds": ["client-1"]})");
  EXPECT_TRUE(instance_->trust().checks_audience);
  EXPECT_EQ(check_with({}), Reason::kOk);
  EXPECT_EQ(check_with(id_token_), Reason::kOk);
  EXPECT_EQ(check_with({{"client_id", R"("client-2")"}}), Reason::kWrongAudience);
  ClaimMap other = id_token_;
  other["aud"] = R"("client-2")";
  EXPECT_EQ(check_with(other), Reason::kWrongAudience);
}
TEST_F(Cognito, settings_that_can_not_work_are_refused_at_load) {
  EXPECT_EQ(refused_setting(R"({"tokenUse": "any", "audience": ["client-1"]})"), "audience");
  for (const char* pool : {"", "eu-west-1", "_x", "eu-west-1_", "eu-west-1_x/../y"}) {
    EXPECT_EQ(refused_setting(R"({"userPoolId": ")" + std::string(pool) + R"("})"), "userPoolId") << pool;
  }
  EXPECT_EQ(refused_setting(R"({"clientIds": []})"), "clientIds");
  EXPECT_EQ(refused_setting(R"({"resource": []})"), "resource");
}

}  // namespace
}  // namespace bearerd::tests
