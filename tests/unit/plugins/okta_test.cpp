#include "unit/plugins/provider_fixture.hpp"

namespace bearerd::tests {
namespace {

// Named after the numbered traps of Okta's page (docs/providers/okta.md).
class Okta : public ProviderFixture {
 protected:
  Okta()
      : ProviderFixture("okta",
                        {{"ver", "1"},
                         {"jti", R"("AT.1")"},
                         {"iss", R"("https://example-org.okta.com/oauth2/aus1")"},
                         {"aud", R"("api://orders")"},
                         {"cid", R"("0oa1")"},
                         {"uid", R"("00u1")"},
                         {"scp", R"(["openid", "orders.read"])"},
                         {"sub", R"("fake.user@example.test")"}},
                        std::nullopt) {}
  const ClaimMap id_token_ = {{"jti", R"("ID.1")"}, {"cid", kAbsent},     {"uid", kAbsent},
                              {"scp", kAbsent},     {"aud", R"("0oa1")"}, {"sub", R"("00u1")"}};
  const ClaimMap machine_ = {{"uid", kAbsent}, {"sub", R"("0oa1")"}};
};

TEST_F(Okta, user_and_machine_tokens_are_accepted) {
  EXPECT_EQ(check_with({}), Reason::kOk);
  EXPECT_EQ(check_with(machine_), Reason::kOk);
}
TEST_F(Okta, trap_1_token_of_the_org_server_is_refused) {
  EXPECT_EQ(check_with({{"iss", R"("https://example-org.okta.com")"}}), Reason::kWrongTokenUse);
  EXPECT_EQ(check_with({}, "okta-internal-at+jwt"), Reason::kWrongTokenUse);
}
TEST_F(Okta, trap_2_org_issuer_is_refused_at_load) {
  EXPECT_EQ(refused_setting(R"({"issuer": ["https://example-org.okta.com"]})"), "issuer");
  EXPECT_EQ(refused_setting(R"({"issuer": ["https://example-org.okta.com/oauth2/aus1/"]})"), "issuer");
}
TEST_F(Okta, trap_3_user_is_the_uid_and_never_the_login) {
  EXPECT_EQ(identify_with({}).user_id, "00u1");
  EXPECT_EQ(check_with({{"uid", kAbsent}}), Reason::kMissingClaim);
}
TEST_F(Okta, trap_4_scopes_are_a_list) {
  EXPECT_EQ(check_with({{"scp", R"("openid orders.read")"}}), Reason::kWrongTokenUse);
}
TEST_F(Okta, trap_5_id_token_is_refused) {
  EXPECT_EQ(check_with(id_token_), Reason::kWrongTokenUse);
  EXPECT_EQ(check_with({{"jti", R"("ID.1")"}}), Reason::kWrongTokenUse);
  EXPECT_EQ(check_with({{"cid", kAbsent}}), Reason::kWrongTokenUse);
  EXPECT_EQ(check_with({{"scp", kAbsent}}), Reason::kWrongTokenUse);
}
TEST_F(Okta, id_token_is_accepted_when_asked_for) {
  use(R"({"tokenUse": "id"})");
  EXPECT_EQ(check_with(id_token_), Reason::kOk);
  EXPECT_EQ(check_with({}), Reason::kWrongTokenUse);
}
TEST_F(Okta, trap_9_machine_is_its_client) { EXPECT_EQ(identify_with(machine_).user_id, "0oa1"); }
TEST_F(Okta, client_that_is_not_listed_is_refused) {
  use(R"({"clients": ["0oa2"]})");
  EXPECT_EQ(check_with({}), Reason::kClaimRejected);
}
TEST_F(Okta, empty_client_list_is_refused_at_load) { EXPECT_EQ(refused_setting(R"({"clients": []})"), "clients"); }

}  // namespace
}  // namespace bearerd::tests
