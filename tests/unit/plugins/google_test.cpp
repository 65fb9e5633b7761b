#include "unit/plugins/provider_fixture.hpp"

namespace bearerd::tests {
namespace {

// Named after the numbered traps of Google's page (docs/providers/google.md).
class Google : public ProviderFixture {
 protected:
  Google()
      : ProviderFixture("google", {{"iss", R"("https://accounts.google.com")"},
                                   {"azp", R"("1-android.apps.googleusercontent.com")"},
                                   {"aud", R"("1-web.apps.googleusercontent.com")"},
                                   {"sub", R"("100000000000000000001")"},
                                   {"hd", R"("example.test")"},
                                   {"email", R"("fake.user@example.test")"},
                                   {"email_verified", "true"},
                                   {"name", R"("Fake User")"}}) {}
  const ClaimMap service_account_ = {
      {"azp", R"("2")"}, {"sub", R"("2")"}, {"hd", kAbsent}, {"email", R"("caller@project.iam.gserviceaccount.com")"}};
};

TEST_F(Google, user_token_is_accepted) { EXPECT_EQ(check_with({}), Reason::kOk); }
TEST_F(Google, trap_1_both_spellings_of_the_issuer_are_declared) {
  use("{}");
  EXPECT_EQ(instance_->trust().issuers,
            (std::vector<std::string>{"https://accounts.google.com", "accounts.google.com"}));
  ASSERT_EQ(instance_->trust().keys.size(), 1U);
  EXPECT_EQ(instance_->trust().keys[0].jwks_url, "https://www.googleapis.com/oauth2/v3/certs");
}
TEST_F(Google, trap_3_hosted_domain_is_checked_and_not_the_address) {
  use(R"({"hd": ["example.test"]})");
  EXPECT_TRUE(instance_->trust().checks_audience);
  EXPECT_EQ(check_with({}), Reason::kOk);
  EXPECT_EQ(check_with({{"hd", kAbsent}}), Reason::kWrongTenant);
  EXPECT_EQ(check_with({{"hd", R"("evil.example")"}}), Reason::kWrongTenant);
  EXPECT_EQ(check_with({{"hd", R"(["example.test"])"}}), Reason::kWrongTenant);
}
TEST_F(Google, trap_4_service_account_is_refused_unless_listed) {
  EXPECT_EQ(check_with(service_account_), Reason::kClaimRejected);
  ClaimMap without_address = service_account_;
  without_address["email"] = kAbsent;
  EXPECT_EQ(check_with(without_address), Reason::kClaimRejected);
  use(R"({"serviceAccounts": ["caller@project.iam.gserviceaccount.com"]})");
  EXPECT_EQ(check_with(service_account_), Reason::kOk);
  EXPECT_EQ(check_with(without_address), Reason::kClaimRejected);
  ClaimMap unverified = service_account_;
  unverified["email_verified"] = R"("true")";
  EXPECT_EQ(check_with(unverified), Reason::kClaimRejected);
}
TEST_F(Google, people_are_refused_where_only_service_accounts_may_call) {
  use(R"({"users": false, "serviceAccounts": ["2"]})");
  EXPECT_EQ(check_with({}), Reason::kClaimRejected);
  EXPECT_EQ(check_with(service_account_), Reason::kOk);
}
TEST_F(Google, trap_7_iap_needs_its_own_audience_and_has_its_own_keys) {
  EXPECT_EQ(refused_setting(R"({"iap": true, "hd": ["example.test"]})"), "iap");
  EXPECT_EQ(
      refused_setting(R"({"iap": true, "audience": ["/projects/1/apps/a"], "jwksUrl": "https://k.example.test"})"),
      "iap");
  use(R"({"iap": true, "audience": ["/projects/1/apps/a"]})");
  for (const plugin::KeyLocation& keys : instance_->trust().keys) {
    EXPECT_EQ(keys.jwks_url.starts_with("https://www.gstatic.com/"), keys.issuer == "https://cloud.google.com/iap");
    EXPECT_FALSE(keys.issuer.empty());
  }
  EXPECT_EQ(instance_->trust().keys.size(), 3U);
}
TEST_F(Google, trap_7_an_assertion_of_iap_lives_ten_minutes) {
  use(R"({"iap": true, "audience": ["/projects/1/apps/a"]})");
  const auto living = [&](const char* end) {
    return check_with({{"iss", R"("https://cloud.google.com/iap")"},
                       {"azp", R"("/projects/1/apps/a")"},
                       {"iat", "1767225600"},
                       {"exp", end}});
  };
  EXPECT_EQ(living("1767226260"), Reason::kOk);
  EXPECT_EQ(living("1767226261"), Reason::kClaimRejected);
  EXPECT_EQ(living(kAbsent), Reason::kClaimRejected);
}
TEST_F(Google, habit_kind_security_event_token_is_refused) {
  EXPECT_EQ(check_with({{"events", "{}"}}), Reason::kWrongTokenUse);
  EXPECT_EQ(check_with({}, "secevent+jwt"), Reason::kWrongTokenUse);
}
TEST_F(Google, address_that_google_is_no_authority_for_is_none) {
  EXPECT_EQ(identify_with({}).email, "fake.user@example.test");
  EXPECT_TRUE(identify_with({{"hd", kAbsent}}).email.empty());
  EXPECT_TRUE(identify_with({{"email_verified", "false"}}).email.empty());
  EXPECT_EQ(identify_with({{"hd", kAbsent}, {"email", R"("a@gmail.com")"}}).email, "a@gmail.com");
}
TEST_F(Google, habit_jwt_entry_for_opaque_tokens_trusts_no_jwt) {
  use(R"({"userInfoEndpoint": "https://openidconnect.googleapis.com/v1/userinfo"})");
  EXPECT_TRUE(instance_->trust().issuers.empty());
  EXPECT_TRUE(instance_->trust().keys.empty());
}
TEST_F(Google, lists_that_let_nobody_in_are_refused_at_load) {
  EXPECT_EQ(refused_setting(R"({"hd": []})"), "hd");
  EXPECT_EQ(refused_setting(R"({"serviceAccounts": []})"), "serviceAccounts");
  EXPECT_EQ(refused_setting(R"({"users": false})"), "users");
}

}  // namespace
}  // namespace bearerd::tests
