// What a plugin declares about its provider, believed only when it can be.
#include "unit/plugin/plugin_fixture.hpp"

namespace bearerd::tests {
namespace {

class Trust : public PluginFixture {
 protected:
  auto declare(const std::string& what) {
    if (!std::filesystem::exists(directory() + "/talkative.so")) {
      install(std::string(BEARERD_TEST_PLUGINS) + "/talkative.so", "talkative");
    }
    return create("talkative", R"({"say": ")" + what + R"("})");
  }
};

TEST_F(Trust, nothing_declared_leaves_the_defaults) {
  const auto instance = declare("nothing").value();
  EXPECT_TRUE(instance->trust().issuers.empty());
  EXPECT_TRUE(instance->trust().keys.empty());
  EXPECT_EQ(instance->trust().audience_claim, base::ClaimPath::from_text("aud"));
  EXPECT_EQ(instance->trust().kinds, plugin::TokenKind::kJwt);
  EXPECT_FALSE(instance->trust().checks_binding);
}

TEST_F(Trust, everything_declared_arrives) {
  const auto instance = declare("everything").value();
  const plugin::Trust& trust = instance->trust();
  EXPECT_EQ(trust.issuers, std::vector<std::string>{"https://a.example/"});
  ASSERT_EQ(trust.templates.size(), 1U);
  EXPECT_EQ(trust.templates[0].text, "https://b.example/{tenant}/v2");
  EXPECT_EQ(trust.templates[0].allowed, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(trust.templates[0].claim, "tid");
  ASSERT_EQ(trust.keys.size(), 2U);
  EXPECT_EQ(trust.keys[0].issuer, "https://a.example/");
  EXPECT_EQ(trust.keys[0].extra_hosts, std::vector<std::string>{"keys.example"});
  EXPECT_EQ(trust.keys[1].jwks_url, "https://c.example/jwks");
  EXPECT_EQ(trust.audiences, std::vector<std::string>{"api://x"});
  EXPECT_EQ(trust.algorithms, std::vector<base::Algorithm>{base::Algorithm::kEs256});
  EXPECT_EQ(trust.audience_claim.segments, std::vector<std::string>{"client_id"});
  EXPECT_TRUE(trust.checks_audience);
}

TEST_F(Trust, what_can_not_be_right_is_refused) {
  for (const char* what : {"http keys", "keys of nobody", "user info in url", "empty issuer",
                           "template without variable", "template with two variables", "template value with slash",
                           "unknown algorithm", "no audience claim", "issuer with newline", "too much"}) {
    const auto made = declare(what);
    ASSERT_FALSE(made) << what;
    EXPECT_TRUE(made.error().text.starts_with("the plugin declares")) << made.error().text;
  }
}

}  // namespace
}  // namespace bearerd::tests
