#include "unit/plugins/provider_fixture.hpp"

namespace bearerd::tests {
namespace {

class Oidc : public ProviderFixture {
 protected:
  Oidc()
      : ProviderFixture("oidc", {{"iss", R"("https://id.example.test")"},
                                 {"sub", R"("user-1")"},
                                 {"aud", R"("orders")"},
                                 {"iat", "1767225600"},
                                 {"exp", "1767229200"},
                                 {"client_id", R"("shop")"},
                                 {"jti", R"("id-1")"},
                                 {"scope", R"("openid read")"}}) {}
};

TEST_F(Oidc, user_access_token_is_accepted) { EXPECT_EQ(check_with({}), Reason::kOk); }
TEST_F(Oidc, rfc_9068_token_is_accepted) { EXPECT_EQ(check_with({}, "at+jwt"), Reason::kOk); }
TEST_F(Oidc, type_is_compared_ignoring_case) { EXPECT_EQ(check_with({}, "AT+JWT"), Reason::kOk); }
TEST_F(Oidc, token_without_type_is_accepted) { EXPECT_EQ(check_with({}, std::nullopt), Reason::kOk); }
TEST_F(Oidc, token_without_scope_is_accepted) { EXPECT_EQ(check_with({{"scope", kAbsent}}), Reason::kOk); }
TEST_F(Oidc, machine_token_is_accepted) { EXPECT_EQ(check_with({{"sub", R"("shop")"}}), Reason::kOk); }
TEST_F(Oidc, at_jwt_with_nonce_is_still_an_access_token) {
  EXPECT_EQ(check_with({{"nonce", R"("n")"}}, "at+jwt"), Reason::kOk);
}
TEST_F(Oidc, claim_named_events_that_is_no_object_is_only_a_claim) {
  EXPECT_EQ(check_with({{"events", R"(["a"])"}}), Reason::kOk);
}
TEST_F(Oidc, listed_client_is_accepted) {
  use(R"({"clients": ["other", "shop"]})");
  EXPECT_EQ(check_with({}), Reason::kOk);
}
TEST_F(Oidc, listed_authorized_party_is_accepted) {
  use(R"({"clients": ["web"]})");
  EXPECT_EQ(check_with({{"azp", R"("web")"}}), Reason::kOk);
}
TEST_F(Oidc, id_token_is_accepted_when_asked_for) {
  use(R"({"tokenUse": "id"})");
  EXPECT_EQ(check_with({{"scope", kAbsent}, {"nonce", R"("n")"}}), Reason::kOk);
}
TEST_F(Oidc, both_uses_are_accepted_with_any) {
  use(R"({"tokenUse": "any"})");
  EXPECT_EQ(check_with({}), Reason::kOk);
  EXPECT_EQ(check_with({{"scope", kAbsent}, {"nonce", R"("n")"}}), Reason::kOk);
}
TEST_F(Oidc, strict_typ_accepts_at_jwt) {
  use(R"({"strictTyp": true})");
  EXPECT_EQ(check_with({}, "at+jwt"), Reason::kOk);
}

TEST_F(Oidc, token_with_nonce_is_an_id_token) { EXPECT_EQ(check_with({{"nonce", R"("n")"}}), Reason::kWrongTokenUse); }
TEST_F(Oidc, token_with_at_hash_is_an_id_token) {
  EXPECT_EQ(check_with({{"at_hash", R"("h")"}}), Reason::kWrongTokenUse);
}
TEST_F(Oidc, token_with_c_hash_is_an_id_token) {
  EXPECT_EQ(check_with({{"c_hash", R"("h")"}}), Reason::kWrongTokenUse);
}
TEST_F(Oidc, null_nonce_is_still_a_mark) { EXPECT_EQ(check_with({{"nonce", "null"}}), Reason::kWrongTokenUse); }
TEST_F(Oidc, tokens_typed_as_something_else_are_refused) {
  for (const char* type :
       {"logout+jwt", "dpop+jwt", "secevent+jwt", "token-introspection+jwt", "client-authentication+jwt"}) {
    EXPECT_EQ(check_with({}, type), Reason::kWrongTokenUse) << type;
  }
}
TEST_F(Oidc, logout_token_is_refused_by_its_events) {
  EXPECT_EQ(check_with({{"events", R"({"http://schemas.openid.net/event/backchannel-logout": {}})"}}),
            Reason::kWrongTokenUse);
}
TEST_F(Oidc, logout_token_is_refused_even_with_any) {
  use(R"({"tokenUse": "any"})");
  EXPECT_EQ(check_with({{"events", "{}"}}), Reason::kWrongTokenUse);
  EXPECT_EQ(check_with({}, "logout+jwt"), Reason::kWrongTokenUse);
}
TEST_F(Oidc, access_token_is_refused_where_id_tokens_are_asked_for) {
  use(R"({"tokenUse": "id"})");
  EXPECT_EQ(check_with({}), Reason::kWrongTokenUse);
  EXPECT_EQ(check_with({{"scope", kAbsent}}, "at+jwt"), Reason::kWrongTokenUse);
}
TEST_F(Oidc, strict_typ_refuses_every_other_type) {
  use(R"({"strictTyp": true})");
  EXPECT_EQ(check_with({}), Reason::kWrongTokenUse);
  EXPECT_EQ(check_with({}, std::nullopt), Reason::kWrongTokenUse);
  EXPECT_EQ(check_with({}, "at"), Reason::kWrongTokenUse);
  EXPECT_EQ(check_with({}, "at+jwt "), Reason::kWrongTokenUse);
}
TEST_F(Oidc, client_that_is_not_listed_is_refused) {
  use(R"({"clients": ["web"]})");
  EXPECT_EQ(check_with({}), Reason::kClaimRejected);
  EXPECT_EQ(check_with({{"client_id", kAbsent}}), Reason::kClaimRejected);
  EXPECT_EQ(check_with({{"client_id", R"(["web"])"}}), Reason::kClaimRejected);
  EXPECT_EQ(check_with({{"client_id", R"("web2")"}}), Reason::kClaimRejected);
  EXPECT_EQ(check_with({{"client_id", R"("WEB")"}}), Reason::kClaimRejected);
}
TEST_F(Oidc, authorized_party_wins_over_client_id) {
  use(R"({"clients": ["web"]})");
  EXPECT_EQ(check_with({{"azp", R"("evil")"}, {"client_id", R"("web")"}}), Reason::kClaimRejected);
}
TEST_F(Oidc, empty_client_list_is_refused_at_load) { EXPECT_EQ(refused_setting(R"({"clients": []})"), "clients"); }
TEST_F(Oidc, strict_typ_with_id_tokens_is_refused_at_load) {
  EXPECT_EQ(refused_setting(R"({"strictTyp": true, "tokenUse": "id"})"), "strictTyp");
  EXPECT_EQ(refused_setting(R"({"strictTyp": true, "tokenUse": "any"})"), "strictTyp");
}

TEST_F(Oidc, identity_has_name_session_and_no_address_that_nobody_checked) {
  const ClaimMap person = {{"name", R"("Fake User")"}, {"sid", R"("s1")"}, {"email", R"("a@example.test")"}};
  const auto said = identify_with(person);
  EXPECT_EQ(said.name, "Fake User");
  EXPECT_EQ(said.session, "s1");
  EXPECT_EQ(said.email, "a@example.test") << "nothing says that it was not checked";
  EXPECT_FALSE(said.has_user_id);
  EXPECT_FALSE(said.has_roles);
  ClaimMap unverified = person;
  for (const char* value : {"false", "null", R"("false")", "0"}) {
    unverified["email_verified"] = value;
    EXPECT_TRUE(identify_with(unverified).has_email) << value;
    EXPECT_TRUE(identify_with(unverified).email.empty()) << value;
  }
  ClaimMap verified = person;
  verified["email_verified"] = "true";
  EXPECT_EQ(identify_with(verified).email, "a@example.test");
  verified["email_verified"] = R"("true")";
  EXPECT_TRUE(identify_with(verified).email.empty());
}
TEST_F(Oidc, declares_nothing_of_its_own) {
  use("{}");
  EXPECT_TRUE(instance_->trust().issuers.empty());
  EXPECT_TRUE(instance_->trust().keys.empty());
  EXPECT_TRUE(instance_->trust().algorithms.empty());
}

}  // namespace
}  // namespace bearerd::tests
