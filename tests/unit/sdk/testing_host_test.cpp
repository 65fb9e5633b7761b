// What a plugin's author sees of the daemon: the installed header and library, and nothing else of ours.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "bearerd/testing.hpp"

namespace {

using namespace bearerd::sdk::testing;

const std::string kShipped = BEARERD_PLUGIN_DIRECTORY "/";
const std::string kTestPlugins = BEARERD_TEST_PLUGINS "/";
constexpr const char* kEntry = R"({"issuer": "https://issuer.example", "audience": "orders"})";
constexpr std::int64_t kNow = 1'800'000'000;

Answer ask(const Provider& provider, const std::string& claims, std::int64_t now = kNow) {
  Token token;
  token.claims = claims;
  token.now = now;
  return provider.ask(token);
}

TEST(TestingHost, allowed_token_names_its_bearer) {
  const Provider provider(
      kShipped + "keycloak.so",
      R"({"issuer": "https://sso.example/realms/shop", "audience": "orders", "clientId": "orders"})");
  ASSERT_TRUE(provider.is_loaded()) << provider.faults().front().text;
  const Answer answer = ask(provider, R"({"sub": "u1", "typ": "Bearer", "email": "a@b.example", "email_verified": true,
      "name": "Ann", "sid": "s1", "resource_access": {"orders": {"roles": ["buyer", "clerk"]}}})");
  EXPECT_EQ(answer.reason, "ok");
  EXPECT_TRUE(answer.is_allowed());
  EXPECT_EQ(answer.user_id, "u1");
  EXPECT_EQ(answer.name, "Ann");
  EXPECT_EQ(answer.email, "a@b.example");
  EXPECT_EQ(answer.session, "s1");
  EXPECT_EQ(answer.roles, (std::vector<std::string>{"buyer", "clerk"}));
}

TEST(TestingHost, refusals_of_the_daemon_and_of_the_plugin_have_their_reasons) {
  const Provider provider(kShipped + "oidc.so", R"({"issuer": "https://issuer.example", "audience": "orders",
      "clients": ["shop"], "requiredClaims": "department"})");
  ASSERT_TRUE(provider.is_loaded()) << provider.faults().front().text;
  const auto reason = [&](const std::string& claims) { return ask(provider, claims).reason; };
  EXPECT_EQ(reason(R"({"sub": "a", "azp": "shop", "department": "x"})"), "ok");
  EXPECT_EQ(reason(R"({"sub": "a", "azp": "other", "department": "x"})"), "claim_rejected");
  EXPECT_EQ(reason(R"({"sub": "a", "azp": "shop"})"), "missing_claim");
  EXPECT_EQ(reason(R"({"azp": "shop", "department": "x"})"), "missing_claim");
  EXPECT_EQ(reason(R"({"sub": "a", "azp": "shop", "department": "x", "aud": "other"})"), "wrong_audience");
  EXPECT_EQ(reason(R"({"sub": "a", "azp": "shop", "department": "x", "iss": "https://else.example"})"),
            "unknown_issuer");
  EXPECT_EQ(reason(R"({"sub": "a", "azp": "shop", "department": "x", "exp": 1799990000})"), "expired");
  EXPECT_EQ(reason(R"({"sub": "a", "azp": "shop", "department": "x", "nbf": 1800000900})"), "not_yet_valid");
  EXPECT_EQ(reason(R"({"sub": "a", "azp": "shop", "department": "x", "cnf": {"jkt": "y"}})"), "sender_constrained");
  EXPECT_EQ(reason(R"({"sub": "a", "sub": "b"})"), "malformed");
  EXPECT_EQ(reason("no json"), "malformed");
  EXPECT_EQ(reason(""), "malformed");
  EXPECT_EQ(reason("{\"sub\": \"\xff\"}"), "malformed");
}

TEST(TestingHost, header_of_the_token_is_what_the_test_says) {
  const Provider provider(kShipped + "oidc.so",
                          R"({"issuer": "https://issuer.example", "audience": "orders", "strictTyp": true})");
  ASSERT_TRUE(provider.is_loaded());
  Token token;
  token.claims = R"({"sub": "a"})";
  for (const auto& [type, reason] : {std::pair{"at+jwt", "ok"}, {"JWT", "wrong_token_use"}, {"", "wrong_token_use"}}) {
    token.type = type;
    EXPECT_EQ(provider.ask(token).reason, reason) << type;
  }
  token.algorithm = "none";
  EXPECT_EQ(provider.ask(token).reason, "alg_not_allowed");
}

// One "application/" is taken off, so that a second one is part of the type that a plugin sees.
TEST(TestingHost, access_token_type_with_a_prefix_too_many_is_another_type) {
  const std::vector<std::pair<std::string, std::string>> good{{"auth0", R"({"sub": "a", "azp": "c", "scope": "x"})"},
                                                              {"keycloak", R"({"sub": "a", "typ": "Bearer"})"},
                                                              {"oidc", R"({"sub": "a"})"}};
  for (const auto& [plugin, claims] : good) {
    const Provider provider(kShipped + plugin + ".so",
                            R"({"issuer": "https://issuer.example/", "audience": "orders"})");
    ASSERT_TRUE(provider.is_loaded()) << plugin << ": " << provider.faults().front().text;
    Token token;
    token.claims = claims;
    token.type = "application/at+jwt";
    EXPECT_EQ(provider.ask(token).reason, "ok") << plugin;
    token.type = "application/application/at+jwt";
    EXPECT_EQ(provider.ask(token).reason, "wrong_token_use") << plugin;
  }
}

TEST(TestingHost, exact_token_gets_nothing_added) {
  const Provider provider(kShipped + "oidc.so", kEntry);
  Token token;
  token.claims = R"({"sub": "a"})";
  token.is_exact = true;
  EXPECT_EQ(provider.ask(token).reason, "unknown_issuer");
  token.claims = R"({"sub": "a", "iss": "https://issuer.example", "aud": "orders", "exp": 4000000000})";
  EXPECT_EQ(provider.ask(token).reason, "ok");
  token.claims = R"({"sub": "a", "iss": "https://issuer.example", "aud": "orders"})";
  EXPECT_EQ(provider.ask(token).reason, "missing_claim");
}

TEST(TestingHost, empty_claims_are_filled_up_and_are_nobody) {
  const Provider provider(kShipped + "oidc.so", kEntry);
  EXPECT_EQ(provider.ask("{}").reason, "missing_claim");
  EXPECT_EQ(provider.ask(R"({"sub": "a"})").reason, "ok");
}

TEST(TestingHost, path_of_the_operator_wins_over_the_plugin) {
  const Provider provider(
      kTestPlugins + "well-behaved.so",
      R"({"issuer": "https://issuer.example/", "audience": "orders", "userIdPath": "uid", "rolePath": "groups"})");
  ASSERT_TRUE(provider.is_loaded()) << provider.faults().front().text;
  const Answer answer = ask(provider, R"({"uid": "u7", "groups": ["g1"]})");
  EXPECT_EQ(answer.user_id, "u7");
  EXPECT_EQ(answer.roles, std::vector<std::string>{"g1"});
}

TEST(TestingHost, faults_of_the_settings_are_those_of_the_daemon) {
  const Provider ill_typed(kShipped + "oidc.so",
                           R"({"issuer": "https://issuer.example", "audience": "orders", "strictTyp": "perhaps"})");
  EXPECT_FALSE(ill_typed.is_loaded());
  EXPECT_TRUE(ill_typed.refuses("strictTyp"));
  EXPECT_THROW(static_cast<void>(ill_typed.ask("{}")), std::logic_error);

  const Provider unknown(kShipped + "oidc.so",
                         R"({"issuer": "https://issuer.example", "audience": "orders", "nonsense": 1})");
  EXPECT_TRUE(unknown.is_loaded());
  EXPECT_TRUE(unknown.warns_about("nonsense"));
  EXPECT_FALSE(unknown.warns_about("issuer"));

  EXPECT_TRUE(
      Provider(kShipped + "entra.so", R"({"jwksUrl": "https://login.microsoftonline.com/common/discovery/v2.0/keys"})")
          .refuses(""));
  EXPECT_FALSE(Provider(kShipped + "oidc.so", "{").is_loaded());
  EXPECT_FALSE(Provider(kShipped + "oidc.so", "[]").is_loaded());
  EXPECT_FALSE(Provider(kShipped + "oidc.so", "").is_loaded());
}

TEST(TestingHost, refusal_of_the_plugin_names_the_setting) {
  const Provider provider(
      kShipped + "oidc.so",
      R"({"issuer": "https://issuer.example", "audience": "orders", "strictTyp": true, "tokenUse": "id"})");
  EXPECT_FALSE(provider.is_loaded());
  EXPECT_TRUE(provider.refuses("strictTyp"));
}

TEST(TestingHost, file_that_is_no_plugin_is_told) {
  EXPECT_FALSE(Provider(kShipped + "nowhere.so", kEntry).is_loaded());
  const Provider provider(kTestPlugins + "no-entry.so", kEntry);
  ASSERT_FALSE(provider.faults().empty());
  EXPECT_NE(provider.faults().front().text.find("does not export bearerd_plugin_v1"), std::string::npos)
      << provider.faults().front().text;
}

TEST(TestingHost, plugin_that_answers_what_it_must_not_lets_nobody_in) {
  constexpr const char* kOwn = R"({"issuer": "https://issuer.example/", "audience": "orders"})";
  for (const char* name : {"zero-verdict", "true-verdict", "unknown-verdict", "half-identity", "throws"}) {
    const Provider provider(kTestPlugins + name + ".so", kOwn);
    ASSERT_TRUE(provider.is_loaded()) << name;
    EXPECT_EQ(provider.ask(R"({"sub": "a"})").reason, "internal") << name;
  }
}

TEST(TestingHost, many_threads_may_ask_one_provider) {
  const Provider provider(kShipped + "oidc.so", kEntry);
  std::vector<std::thread> threads;
  std::vector<std::string> users(4);
  for (std::size_t i = 0; i < users.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 50; ++round)
        users[i] = provider.ask(R"({"sub": "user-)" + std::to_string(i) + "\"}").user_id;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < users.size(); ++i) EXPECT_EQ(users[i], "user-" + std::to_string(i));
}

TEST(TestingHost, endpoints_say_what_a_test_wants_and_are_down_otherwise) {
  Provider provider(kShipped + "oidc.so",
                    R"({"userInfoEndpoint": "https://issuer.example/userinfo", "rolePath": "groups"})");
  ASSERT_TRUE(provider.is_loaded()) << provider.faults().front().text;
  EXPECT_EQ(provider.ask_opaque("opaque-token").reason, "provider_unavailable");
  provider.look_up("https://issuer.example/userinfo", R"({"sub": "u1", "groups": ["clerk"]})");
  const Answer answer = provider.ask_opaque("opaque-token");
  EXPECT_EQ(answer.reason, "ok");
  EXPECT_EQ(answer.user_id, "u1");
  EXPECT_EQ(answer.roles, std::vector<std::string>{"clerk"});
  provider.look_up("https://issuer.example/userinfo", "", 401);
  EXPECT_EQ(provider.ask_opaque("opaque-token").reason, "opaque_inactive");
}

}  // namespace
