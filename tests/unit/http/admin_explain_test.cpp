#include "http/admin_explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bearerd::http {
namespace {

using testing::HasSubstr;
using verify::CredentialKind;

TEST(ExplainWish, is_read_whole) {
  const auto wish = parse_explain(
      R"({"token":"a.b.c","endpoint":"envoy","method":"POST","uri":"/x?y","host":"app.test","client_address":"10.0.0.1","claims":true})");
  ASSERT_TRUE(wish) << wish.error().text;
  EXPECT_EQ(wish->kind, CredentialKind::kBearer);
  EXPECT_EQ(wish->credential, "a.b.c");
  EXPECT_EQ(wish->endpoint, Endpoint::kEnvoy);
  EXPECT_EQ(wish->method, "POST");
  EXPECT_EQ(wish->uri, "/x?y");
  EXPECT_EQ(wish->host, "app.test");
  EXPECT_EQ(wish->client_address, "10.0.0.1");
  EXPECT_EQ(parse_explain(R"({"forwarded_for":"10.0.0.1, 10.0.0.2"})")->forwarded_for, "10.0.0.1, 10.0.0.2");
  EXPECT_TRUE(wish->shows_claims);
}

TEST(ExplainWish, asks_as_nginx_where_there_is_a_uri_else_about_the_credential_alone) {
  EXPECT_EQ(parse_explain(R"({"uri":"/"})")->endpoint, Endpoint::kNginx);
  EXPECT_EQ(parse_explain("{}")->endpoint, Endpoint::kVerify);
  EXPECT_EQ(parse_explain("{}")->kind, CredentialKind::kNone);
  EXPECT_EQ(parse_explain(R"({"api_key":"k"})")->kind, CredentialKind::kApiKey);
}

TEST(ExplainWish, what_can_not_be_meant_is_refused_without_repeating_it) {
  for (const char* body :
       {"", "[]", R"({"client_address":"10.0.0.1, s3cret"})", R"({"client_address":"s3cret"})",
        R"({"client_address":"10.0.0.1","forwarded_for":"s3cret"})", R"({"token":"s3cret","api_key":"s3cret"})",
        R"({"s3cret":1})", R"({"token":["s3cret"]})", R"({"token":""})", R"({"api_key":""})",
        R"({"endpoint":"s3cret"})", R"({"endpoint":"verify","host":"s3cret"})", R"({"uri":"/","resource":"s3cret"})",
        R"({"claims":"s3cret"})", R"({"uri":"/s3cret\nX: y"})", R"({"host":"s3cret\u0000","uri":"/"})"}) {
    const auto wish = parse_explain(body);
    ASSERT_FALSE(wish) << body;
    if (std::string_view(body) != R"({"s3cret":1})") {
      EXPECT_EQ(wish.error().text.find("s3cret"), std::string::npos) << body;
    }
  }
}

TEST(Explanation, is_json_with_every_member) {
  Explanation explanation;
  explanation.reason = base::Reason::kExpired;
  explanation.statuses = {{"verify", 401}};
  explanation.provider = "demo";
  explanation.steps = {{base::Check::kExpiry, base::Outcome::kFailed, "late \"today\"", {"a"}},
                       {base::Check::kAudience, base::Outcome::kNotReached, "", {}}};
  EXPECT_EQ(
      to_json(explanation),
      R"({"decision":"deny","reason":"expired","retry_after":null,"statuses":{"verify":401},"provider":"demo","deployment":null,"route":null,)"
      R"("steps":[{"check":"expiry","outcome":"failed","why":"late \"today\"","details":["a"]},)"
      R"({"check":"audience","outcome":"not_reached","why":null,"details":[]}],"generations":{"static":0,"dynamic":0}})");
}

}  // namespace
}  // namespace bearerd::http
