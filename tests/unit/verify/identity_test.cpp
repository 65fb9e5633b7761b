#include "verify/identity.hpp"

#include <gtest/gtest.h>

#include "world.hpp"

namespace bearerd::verify {
namespace {

using test::World;

class IdentityTest : public testing::Test {
 protected:
  std::shared_ptr<const Identity> build(const std::string& claims) {
    const auto document = jose::ClaimsDocument::parse(claims);
    const auto snapshot = world_.snapshot();
    const auto identity = build_identity(*snapshot, *entry_.provider, jose::Header{}, document->claims());
    return identity ? *identity : nullptr;
  }
  settings::Provider& settings() { return entry_.provider->settings; }

  World world_;
  test::Entry& entry_ = world_.add("demo", World::kIssuer, {});
};

TEST_F(IdentityTest, every_identity_header_is_there_and_empty_when_unknown) {
  const auto identity = build(R"({"sub":"alice"})");
  EXPECT_NE(identity->headers.find("X-Auth-Request-User: alice\r\n"), std::string::npos);
  for (const char* name : {"Name", "Email", "Groups", "Project", "User-Key"}) {
    EXPECT_NE(identity->headers.find("X-Auth-Request-" + std::string(name) + ": \r\n"), std::string::npos) << name;
  }
  EXPECT_EQ(
      identity->empty_headers,
      "X-Auth-Request-User-Key,X-Auth-Request-Project,X-Auth-Request-Groups,X-Auth-Request-Email,X-Auth-Request-Name");
}

TEST_F(IdentityTest, hostile_values_cannot_break_out_of_their_header) {
  settings().role_paths = {base::ClaimPath::from_text("roles")};
  const auto identity =
      build("{\"sub\":\"a\\r\\nX-Evil: 1\",\"roles\":[\"a,b\",\"c\\u0000\",\"100%\",\"\\u00e9\",\" x \"]}");
  EXPECT_NE(identity->headers.find("X-Auth-Request-User: a%0D%0AX-Evil: 1\r\n"), std::string::npos);
  EXPECT_NE(identity->headers.find("Groups: a%2Cb,c%00,100%25,%C3%A9,%20x%20\r\n"), std::string::npos);
}

TEST_F(IdentityTest, roles_that_do_not_fit_are_left_out_whole) {
  settings().role_paths = {base::ClaimPath::from_text("roles")};
  const auto identity =
      build(R"({"sub":"alice","roles":[")" + std::string(4000, 'r') + R"("],"email":"a@example.test"})");
  EXPECT_NE(identity->headers.find("X-Auth-Request-Groups: \r\n"), std::string::npos);
  EXPECT_NE(identity->headers.find("X-Auth-Request-Groups-Omitted: 1\r\n"), std::string::npos);
  EXPECT_NE(identity->headers.find("X-Auth-Request-Email: a@example.test\r\n"), std::string::npos);
  EXPECT_EQ(build(R"({"sub":")" + std::string(4000, 'u') + "\"}"), nullptr)
      << "a user who can't be named is not let in";
}

TEST_F(IdentityTest, no_length_of_any_value_makes_the_headers_longer_than_they_may_be) {
  settings().role_paths = {base::ClaimPath::from_text("roles")};
  const std::size_t most = world_.settings.verify.max_identity_bytes;
  std::size_t built = 0;
  for (std::size_t name = most - 600; name < most; ++name) {
    for (const std::size_t user : {std::size_t{5}, name - 40}) {
      const auto identity = build(R"({"sub":")" + std::string(user, 'u') + R"(","name":")" + std::string(name, 'n') +
                                  R"(","roles":[")" + std::string(most, 'r') + "\"]}");
      if (identity == nullptr) continue;
      ++built;
      ASSERT_LE(identity->headers.size(), most) << name;
      ASSERT_NE(identity->headers.find("Groups-Omitted: 1"), std::string::npos) << name;
    }
  }
  EXPECT_GE(built, 600U);
}

TEST_F(IdentityTest, the_operators_paths_win_over_the_plugin_and_the_plugin_over_the_common_claims) {
  entry_.plugin->who.user_id = "from-plugin";
  entry_.plugin->who.has_user_id = true;
  EXPECT_EQ(build(R"({"sub":"s","oid":"o"})")->user_id, "from-plugin");
  settings().user_id_path = base::ClaimPath::from_text("oid");
  EXPECT_EQ(build(R"({"sub":"s","oid":"o"})")->user_id, "from-plugin") << "a default is not the operator's word";
  settings().where["userIdPath"] = {};
  EXPECT_EQ(build(R"({"sub":"s","oid":"o"})")->user_id, "o");
  EXPECT_EQ(build(R"({"sub":"s"})"), nullptr) << "an explicit path that leads nowhere does not fall back";
}

TEST_F(IdentityTest, a_path_to_the_email_claim_does_not_silence_a_plugin_that_judges_it) {
  const std::string claims = R"({"sub":"s","email":"ceo@corp.example","mail":"m@corp.example"})";
  settings().email_path = base::ClaimPath::from_text("email");
  EXPECT_EQ(build(claims)->email, "ceo@corp.example") << "this plugin says nothing about addresses";
  entry_.plugin->who.has_email = true;
  EXPECT_EQ(build(claims)->email, "") << "it does not hold the address for its bearer's";
  settings().email_path = base::ClaimPath::from_text("mail");
  EXPECT_EQ(build(claims)->email, "m@corp.example") << "another claim is the operator's word";
}

TEST_F(IdentityTest, roles_come_from_lists_strings_and_split_strings_and_from_nothing_else) {
  settings().role_paths = {base::ClaimPath::from_text("a.b"), base::ClaimPath::from_text("cognito:groups")};
  EXPECT_EQ(build(R"({"sub":"s","a":{"b":["x","y"]},"cognito:groups":"p q"})")->roles,
            (std::vector<std::string>{"x", "y", "p q"}));
  EXPECT_TRUE(build(R"({"sub":"s","a":{"b":[1,"y"]},"cognito:groups":{"p":1}})")->roles.empty());
  EXPECT_EQ(build(R"({"sub":"s","a":{"b":["","x",""]},"cognito:groups":""})")->roles, std::vector<std::string>{"x"});
  settings().roles_delimiter = settings::Regex::compile("[ ,]+").value();
  EXPECT_EQ(build(R"({"sub":"s","cognito:groups":"p q,,r"})")->roles, (std::vector<std::string>{"p", "q", "r"}));
}

TEST_F(IdentityTest, a_flat_list_is_one_path_where_the_token_has_it_and_else_several) {
  settings().role_paths = {base::ClaimPath::from_text("access"), base::ClaimPath::from_text("my.client"),
                           base::ClaimPath::from_text("roles")};
  settings().role_list_path = base::ClaimPath::from_segments({"access", "my.client", "roles"});
  EXPECT_EQ(build(R"({"sub":"s","access":{"my.client":{"roles":["in"]}},"roles":["top"]})")->roles,
            std::vector<std::string>{"in"});
  EXPECT_TRUE(build(R"({"sub":"s","access":{"my.client":{"roles":[]}},"roles":["top"]})")->roles.empty());
  for (const std::string_view access : {"{}", R"({"my.client":{}})", R"({"other":{"roles":["x"]}})"}) {
    EXPECT_TRUE(build(R"({"sub":"s","roles":["top"],"access":)" + std::string(access) + "}")->roles.empty()) << access;
  }
  EXPECT_EQ(build(R"({"sub":"s","access":"a","roles":["top"]})")->roles, (std::vector<std::string>{"a", "top"}));
}

TEST_F(IdentityTest, the_user_key_is_that_of_dial_core) {
  settings().logging_key = base::ClaimPath::from_text("email");
  settings().logging_salt = base::Secret(std::string_view("salt"));
  EXPECT_EQ(build(R"({"sub":"s","email":"test@email.com"})")->user_key,
            "d37d4b6156e7dcfab89e3c306b41d3bd7cf5dbe4c3db04160c791b3f519c09a2");
}

TEST_F(IdentityTest, the_caller_is_opaque_stable_and_different_for_each_user) {
  const auto first = build(R"({"sub":"alice"})")->caller;
  EXPECT_EQ(first, build(R"({"sub":"alice"})")->caller);
  EXPECT_NE(first, build(R"({"sub":"bob"})")->caller);
  EXPECT_EQ(first.find("alice"), std::string::npos);
}

// RFC 7662 §2.2 under the names that vendors have for them.
TEST_F(IdentityTest, introspection_says_scope_client_and_id_whatever_the_provider_calls_them) {
  world_.settings.verify.introspection_clients.emplace_back();
  const auto said = [&](const std::string& claims) { return build(R"({"sub":"a",)" + claims + "}")->introspection; };
  EXPECT_EQ(said(R"("scope":"read write","client_id":"c","azp":"p","jti":"1")"),
            R"(,"scope":"read write","client_id":"c","jti":"1")");
  EXPECT_EQ(said(R"("scp":["openid","read"],"cid":"0oa")"), R"(,"scope":"openid read","client_id":"0oa")");
  EXPECT_EQ(said(R"("scp":"Orders.Read Orders.Write","azp":"p","uti":"u")"),
            R"(,"scope":"Orders.Read Orders.Write","client_id":"p","jti":"u")");
  EXPECT_EQ(said(R"("appid":"app")"), R"(,"client_id":"app")");
  EXPECT_EQ(said(R"("scp":["read",1],"scope":{},"cid":["0oa"],"uti":5)"), "");
  EXPECT_EQ(said(R"("scp":[])"), "");
}

}  // namespace
}  // namespace bearerd::verify
