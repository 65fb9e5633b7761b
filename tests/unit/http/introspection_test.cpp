#include "http/introspection.hpp"

#include <gtest/gtest.h>

namespace bearerd::http {
namespace {

std::vector<settings::IntrospectionClient> clients() {
  return {{"shop", "", base::Secret(std::string_view("a-secret-of-the-shop"))},
          {"a b", "", base::Secret(std::string_view("s&cret:of+another"))}};
}

TEST(Introspection, a_known_client_is_known_plain_and_form_encoded) {
  EXPECT_TRUE(is_known_client("Basic c2hvcDphLXNlY3JldC1vZi10aGUtc2hvcA==", clients()));
  EXPECT_TRUE(is_known_client("bASIC   c2hvcDphLXNlY3JldC1vZi10aGUtc2hvcA==", clients()));
  // "a b:s&cret:of+another" as it is, and "a+b:s%26cret%3Aof%2Banother" as RFC 6749 section 2.3.1 has it
  EXPECT_TRUE(is_known_client("Basic YSBiOnMmY3JldDpvZithbm90aGVy", clients()));
  EXPECT_TRUE(is_known_client("Basic YStiOnMlMjZjcmV0JTNBb2YlMkJhbm90aGVy", clients()));
}

TEST(Introspection, whoever_else_is_not) {
  for (const char* authorization : {"", "Basic", "Basic ", "Bearer c2hvcDphLXNlY3JldC1vZi10aGUtc2hvcA==",
                                    "Basic c2hvcDphLXNlY3JldC1vZi10aGUtc2hvcA",
                                    "Basic c2hvcDo=", "Basic c2hvcA==", "Basic OmEtc2VjcmV0LW9mLXRoZS1zaG9w",
                                    "Basic !!!!", "Basic YSBiOmEtc2VjcmV0LW9mLXRoZS1zaG9w"}) {
    EXPECT_FALSE(is_known_client(authorization, clients())) << authorization;
  }
  EXPECT_FALSE(is_known_client("Basic c2hvcDphLXNlY3JldC1vZi10aGUtc2hvcA==", {}));
}

TEST(Introspection, a_form_has_one_token) {
  EXPECT_EQ(find_token("token=abc"), "abc");
  EXPECT_EQ(find_token("token_type_hint=access_token&token=a%2Fb%2B%3D&x"), "a/b+=");
  EXPECT_EQ(find_token("%74oken=abc"), "abc");
  for (const char* form : {"", "token", "token=", "toke=abc", "token=a&token=b", "token=a&%74oken=b", "token=%",
                           "token=%4", "token=%zz", "TOKEN=a"}) {
    EXPECT_EQ(find_token(form), std::nullopt) << form;
  }
}

TEST(Introspection, who_is_not_allowed_is_inactive_and_nothing_else) {
  verify::Decision decision;
  decision.reason = base::Reason::kRevoked;
  decision.identity = std::make_shared<verify::Identity>();
  EXPECT_EQ(introspection_body(decision), R"({"active":false})");
  decision.reason = base::Reason::kOk;
  decision.identity.reset();
  EXPECT_EQ(introspection_body(decision), R"({"active":false})");
}

TEST(Introspection, names_are_escaped) {
  auto identity = std::make_shared<verify::Identity>();
  identity->user_id = "a\"b";
  identity->introspection = R"(,"exp":7)";
  verify::Decision decision;
  decision.reason = base::Reason::kOk;
  decision.identity = identity;
  EXPECT_EQ(introspection_body(decision), "{\"active\":true,\"token_type\":\"Bearer\",\"sub\":\"a\\\"b\",\"exp\":7}\n");
}

}  // namespace
}  // namespace bearerd::http
