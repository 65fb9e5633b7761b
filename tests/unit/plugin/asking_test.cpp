// resolve() and enrich() through the border, with an identity provider that says what a test wants.
#include "plugin/endpoints.hpp"
#include "support/fake_fetcher.hpp"
#include "support/manual_clock.hpp"
#include "unit/plugin/plugin_fixture.hpp"

namespace bearerd::tests {
namespace {

using base::Reason;
using test::FakeFetcher;

constexpr const char* kUrl = "https://issuer.example/introspect";
constexpr const char* kToken = "opaque/token+1==";

class AskingTest : public PluginFixture {
 protected:
  AskingTest() {
    settings_.name = "test";
    settings_.introspection = settings::Introspection{kUrl, "we:us", base::Secret(std::string_view("s&cret"))};
  }
  std::shared_ptr<const plugin::Instance> open(const std::string& name) {
    install(std::string(BEARERD_TEST_PLUGINS) + "/" + name + ".so", name);
    auto made = create(name);
    EXPECT_TRUE(made);
    return made ? *made : nullptr;
  }
  plugin::Resolved resolve(const std::string& name) {
    const plugin::Endpoints endpoints(settings_, {&fetcher_, &clock_, nullptr, nullptr});
    return open(name)->resolve({endpoints, kToken, clock_.steady() + left_});
  }
  plugin::Enriched enrich(const std::string& name) {
    const plugin::Endpoints endpoints(settings_, {&fetcher_, &clock_, nullptr, nullptr});
    const TestToken token(R"({"sub": "alice"})");
    const jose::Claims claims = token.claims();
    return open(name)->enrich(token.header(), claims, {endpoints, kToken, clock_.steady() + left_});
  }
  static std::string header(const net::FetchRequest& request, std::string_view name) {
    for (const auto& [key, value] : request.headers) {
      if (key == name) return value;
    }
    return {};
  }

  settings::Provider settings_;
  FakeFetcher fetcher_;
  test::ManualClock clock_;
  std::chrono::seconds left_{4};
};

TEST_F(AskingTest, the_answer_of_the_endpoint_becomes_the_claims) {
  const plugin::Resolved resolved = resolve("fetches");
  ASSERT_EQ(resolved.reason, Reason::kOk);
  EXPECT_EQ(resolved.claims->claims().string_of("sub"), "alice");
}

TEST_F(AskingTest, the_token_goes_into_the_form_and_our_client_into_the_header) {
  ASSERT_EQ(resolve("fetches").reason, Reason::kOk);
  ASSERT_EQ(fetcher_.asked.size(), 1U);
  const net::FetchRequest& request = fetcher_.asked.front();
  EXPECT_EQ(request.body, "token=opaque%2Ftoken%2B1%3D%3D");
  // RFC 6749 section 2.3.1: "we%3Aus:s%26cret"
  EXPECT_EQ(header(request, "Authorization"), "Basic d2UlM0F1czpzJTI2Y3JldA==");
  EXPECT_EQ(request.max_redirects, 0U);
  EXPECT_EQ(request.url.find("opaque"), std::string::npos);
}

TEST_F(AskingTest, our_client_goes_into_the_form_where_the_settings_say_post) {
  settings_.introspection->authentication = settings::ClientAuthentication::kPost;
  ASSERT_EQ(resolve("fetches").reason, Reason::kOk);
  EXPECT_EQ(fetcher_.asked.front().body, "token=opaque%2Ftoken%2B1%3D%3D&client_id=we%3Aus&client_secret=s%26cret");
  EXPECT_EQ(header(fetcher_.asked.front(), "Authorization"), "");
}

TEST_F(AskingTest, a_url_that_no_setting_names_is_never_asked) {
  EXPECT_EQ(resolve("asks-strangers").reason, Reason::kProviderUnavailable);
  EXPECT_TRUE(fetcher_.asked.empty());
}

TEST_F(AskingTest, an_endpoint_in_trouble_says_nothing_about_the_token) {
  fetcher_.answer = [](const net::FetchRequest&) { return base::fail(base::ErrorCode::kTimeout, "late"); };
  EXPECT_EQ(resolve("fetches").reason, Reason::kProviderUnavailable);
  for (const int status : {302, 400, 401, 403, 404, 429, 500, 503}) {
    fetcher_.answer = [status](const net::FetchRequest&) {
      return FakeFetcher::json(R"({"active": true, "sub": "alice"})", status);
    };
    EXPECT_EQ(resolve("fetches").reason, Reason::kProviderUnavailable) << status;
  }
}

TEST_F(AskingTest, what_is_no_strict_json_object_is_no_answer) {
  for (const char* body : {"", "[]", "null", "true", "{", R"({"active": true, "active": false})", "{\"a\":\"\xff\"}"}) {
    fetcher_.answer = [body](const net::FetchRequest&) { return FakeFetcher::json(body); };
    EXPECT_EQ(resolve("fetches").reason, Reason::kProviderUnavailable) << body;
  }
}

TEST_F(AskingTest, nothing_is_asked_when_no_time_is_left) {
  left_ = std::chrono::seconds(0);
  EXPECT_EQ(resolve("fetches").reason, Reason::kProviderUnavailable);
  EXPECT_TRUE(fetcher_.asked.empty());
}

TEST_F(AskingTest, acceptance_without_an_answer_is_a_fault_of_the_plugin) {
  EXPECT_EQ(resolve("believes-outages").reason, Reason::kInternal);
}

TEST_F(AskingTest, zero_one_unknown_and_half_verdicts_accept_nothing) {
  for (const char* name : {"resolves-zero", "resolves-one", "resolves-unknown", "resolves-half"}) {
    const plugin::Resolved resolved = resolve(name);
    EXPECT_EQ(resolved.reason, Reason::kInternal) << name;
    EXPECT_FALSE(resolved.claims) << name;
    EXPECT_EQ(enrich(name).reason, Reason::kInternal) << name;
  }
}

TEST_F(AskingTest, exceptions_do_not_cross_the_border) {
  EXPECT_EQ(resolve("throws").reason, Reason::kInternal);
  EXPECT_EQ(enrich("throws").reason, Reason::kInternal);
}

TEST_F(AskingTest, roles_that_were_fetched_are_the_enrichment) {
  const plugin::Enriched enriched = enrich("fetches");
  ASSERT_EQ(enriched.reason, Reason::kOk);
  EXPECT_EQ(enriched.identity.roles, std::vector<std::string>{"clerk"});
}

TEST_F(AskingTest, a_plugin_of_1_0_that_can_enrich_is_asked_for_each_token) {
  const TestToken token(R"({"sub": "alice"})");
  const jose::Claims claims = token.claims();
  EXPECT_TRUE(open("fetches")->check(token.header(), claims).needs_enrichment);
  EXPECT_FALSE(open("well-behaved")->check(token.header(), claims).needs_enrichment);
}

}  // namespace
}  // namespace bearerd::tests
