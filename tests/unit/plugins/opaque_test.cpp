// What the plugins make of their providers' answers about opaque tokens.
#include <unistd.h>

#include <cstdio>
#include <map>
#include <memory>

#include "observe/log.hpp"
#include "plugin/endpoints.hpp"
#include "support/fake_fetcher.hpp"
#include "support/manual_clock.hpp"
#include "unit/plugin/plugin_fixture.hpp"

namespace bearerd::tests {
namespace {

using base::Reason;
using test::FakeFetcher;

constexpr const char* kIntrospection = "https://idp.example/introspect";
constexpr const char* kUserInfo = "https://idp.example/userinfo";
constexpr const char* kTokenInfo = "https://oauth2.googleapis.com/tokeninfo";
constexpr const char* kGroups =
    "https://content-cloudidentity.googleapis.com/v1/groups/-/memberships:searchDirectGroups";

const std::string kIntrospects = std::string(R"({"introspection": {"url": ")") + kIntrospection + R"("}})";
const std::string kAsksUserInfo = std::string(R"({"userInfoEndpoint": ")") + kUserInfo + R"("})";

// What the daemon's log says, in memory.
class HeardLog {
 public:
  std::string text() {
    log_.flush();
    std::string text(65536, '\0');
    std::rewind(file_.get());
    text.resize(std::fread(text.data(), 1, text.size(), file_.get()));
    return text;
  }
  observe::Log& log() noexcept { return log_; }

 private:
  static observe::Log::Options to(std::FILE* file) {
    observe::Log::Options options;
    options.fd = ::fileno(file);
    return options;
  }
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{std::tmpfile(), &std::fclose};
  observe::Log log_{to(file_.get())};
};

class OpaquePlugins : public PluginFixture {
 protected:
  OpaquePlugins() {
    settings_.name = "test";
    settings_.introspection = settings::Introspection{kIntrospection, "us", base::Secret(std::string_view("secret"))};
    settings_.user_info_endpoint = kUserInfo;
    settings_.plugin_urls = {{"tokenInfoUrl", kTokenInfo}, {"groupsUrl", kGroups}};
    fetcher_.answer = [this](const net::FetchRequest& request) -> base::Result<net::FetchResponse> {
      const auto found = answers_.find(request.url.substr(0, request.url.find('?')));
      if (found == answers_.end()) return base::fail(base::ErrorCode::kUnavailable, "nobody there");
      return found->second;
    };
  }
  void use(const std::string& plugin, const std::string& settings_json) {
    install(std::string(BEARERD_PLUGIN_DIRECTORY) + "/" + plugin + ".so", plugin);
    auto made = create(plugin, settings_json);
    ASSERT_TRUE(made) << made.error().setting << ": " << made.error().text;
    instance_ = *made;
  }
  std::string refused_setting(const std::string& plugin, const std::string& settings_json) {
    install(std::string(BEARERD_PLUGIN_DIRECTORY) + "/" + plugin + ".so", plugin);
    const auto made = create(plugin, settings_json);
    return made ? "" : made.error().setting;
  }
  void answer(const char* url, const std::string& body, int status = 200) {
    answers_[url] = FakeFetcher::json(body, status);
  }
  plugin::Resolved resolve(observe::Log* log = nullptr) {
    const plugin::Endpoints endpoints(settings_, {&fetcher_, &clock_, log, nullptr});
    return instance_->resolve({endpoints, "opaque", clock_.steady() + std::chrono::seconds(4)});
  }
  // resolve(), then check(), as the daemon does it.
  Reason decide() {
    const plugin::Resolved resolved = resolve();
    if (resolved.reason != Reason::kOk) return resolved.reason;
    const jose::Claims claims = resolved.claims->claims();
    return instance_->check(jose::Header{}, claims).reason;
  }
  Reason decide(const std::string& introspected) {
    answer(kIntrospection, introspected);
    return decide();
  }
  plugin::Enriched enrich(const std::string& claims_json, observe::Log* log = nullptr) {
    const plugin::Endpoints endpoints(settings_, {&fetcher_, &clock_, log, nullptr});
    const auto document = jose::ClaimsDocument::parse(claims_json).value();
    const jose::Claims claims = document.claims();
    return instance_->enrich(jose::Header{}, claims, {endpoints, "opaque", clock_.steady() + std::chrono::seconds(4)});
  }

  settings::Provider settings_;
  FakeFetcher fetcher_;
  std::map<std::string, net::FetchResponse> answers_;
  test::ManualClock clock_;
  std::shared_ptr<const plugin::Instance> instance_;
};

TEST_F(OpaquePlugins, plugins_say_that_they_take_opaque_tokens_only_where_the_settings_say_how) {
  for (const char* plugin : {"oidc", "keycloak", "okta"}) {
    use(plugin, "{}");
    EXPECT_EQ(instance_->trust().kinds, plugin::TokenKind::kJwt) << plugin;
    use(plugin, kIntrospects);
    EXPECT_EQ(instance_->trust().kinds, plugin::TokenKind::kBoth) << plugin;
    use(plugin, std::string(R"({"introspection": {"url": ")") + kIntrospection + R"(", "tokens": "all"}})");
    EXPECT_EQ(instance_->trust().kinds, plugin::TokenKind::kOpaque) << plugin;
  }
  for (const char* plugin : {"auth0", "cognito", "entra"}) {
    use(plugin, "{}");
    EXPECT_FALSE(instance_->can_resolve()) << plugin;
  }
}

TEST_F(OpaquePlugins, user_info_that_should_prove_an_audience_is_refused_at_load) {
  const std::string both = std::string(R"({"userInfoEndpoint": ")") + kUserInfo + R"(", "audience": ["api"]})";
  for (const char* plugin : {"oidc", "keycloak", "okta"})
    EXPECT_EQ(refused_setting(plugin, both), "audience") << plugin;
}

TEST_F(OpaquePlugins, active_is_a_json_boolean) {
  use("oidc", kIntrospects);
  EXPECT_EQ(decide(R"({"active": true, "token_type": "Bearer", "sub": "a"})"), Reason::kOk);
  EXPECT_EQ(decide(R"({"active": false})"), Reason::kOpaqueInactive);
  for (const char* active : {R"("true")", "1", "null", R"({"a": true})", "[true]"}) {
    EXPECT_EQ(decide(std::string(R"({"active": )") + active + R"(, "token_type": "Bearer", "sub": "a"})"),
              Reason::kOpaqueInactive)
        << active;
  }
  EXPECT_EQ(decide(R"({"error": "server_error"})"), Reason::kProviderUnavailable);
}

TEST_F(OpaquePlugins, an_introspected_refresh_or_id_token_is_of_the_wrong_use) {
  use("oidc", kIntrospects);
  for (const char* kind :
       {R"("token_type": "refresh_token")", R"("typ": "Refresh")", R"("typ": "ID")", R"("typ": "Offline")",
        R"("token_use": "refresh_token", "token_type": "Bearer")", R"("x": 1)"}) {
    EXPECT_EQ(decide(std::string(R"({"active": true, "sub": "a", )") + kind + "}"), Reason::kWrongTokenUse) << kind;
  }
  EXPECT_EQ(decide(R"({"active": true, "sub": "a", "token_type": "access_token"})"), Reason::kOk);
  EXPECT_EQ(decide(R"({"active": true, "sub": "a", "token_type": "DPoP"})"), Reason::kSenderConstrained);
}

// An unlabelled answer may be a refresh token's, and no setting makes one a credential for an API.
TEST_F(OpaquePlugins, only_an_answer_that_calls_itself_an_access_token_passes_whatever_token_use_says) {
  const std::string any = std::string(R"({"tokenUse": "any", "introspection": {"url": ")") + kIntrospection + R"("}})";
  for (const char* plugin : {"oidc", "keycloak", "okta"}) {
    use(plugin, any);
    const auto answered = [&](const std::string& kind) {
      return decide(R"({"active": true, "iss": "https://x.okta.com/oauth2/default", "sub": "a", "uid": "a")" + kind +
                    "}");
    };
    EXPECT_EQ(answered(R"(, "token_type": "Bearer", "typ": "Bearer")"), Reason::kOk) << plugin;
    for (const char* kind : {"", R"(, "token_type": "refresh_token")", R"(, "typ": "Refresh", "token_type": "Bearer")",
                             R"(, "typ": "ID")", R"(, "token_type": 1)", R"(, "typ": "JWT")"}) {
      EXPECT_EQ(answered(kind), Reason::kWrongTokenUse) << plugin << kind;
    }
  }
}

TEST_F(OpaquePlugins, an_answer_that_says_no_kind_is_left_to_its_audience_where_that_is_checked) {
  use("oidc", std::string(R"({"audience": ["api"], "introspection": {"url": ")") + kIntrospection + R"("}})");
  EXPECT_EQ(decide(R"({"active": true, "sub": "a", "aud": "api"})"), Reason::kOk);
  EXPECT_EQ(decide(R"({"active": true, "sub": "a", "aud": ["x", "api"], "client_id": "web", "typ": "JWT"})"),
            Reason::kOk);
  for (const char* more :
       {R"("token_type": "refresh_token")", R"("typ": "Refresh")", R"("typ": "ID")",
        R"("token_use": ["refresh_token"])", R"("typ": ["Bearer"])", R"("token_type": 5)", R"("token_type": null)",
        R"("nonce": "n")", R"("at_hash": "h")", R"("client_id": "api")", R"("azp": "api")", R"("cid": "api")"}) {
    EXPECT_EQ(decide(std::string(R"({"active": true, "sub": "a", "aud": "api", )") + more + "}"),
              Reason::kWrongTokenUse)
        << more;
  }
  EXPECT_EQ(decide(R"({"active": true, "sub": "a"})"), Reason::kWrongTokenUse) << "for nobody in particular";
  for (const char* plugin : {"keycloak", "okta"}) {
    use(plugin, std::string(R"({"audience": ["api"], "introspection": {"url": ")") + kIntrospection + R"("}})");
    EXPECT_EQ(
        decide(R"({"active": true, "sub": "a", "uid": "a", "iss": "https://x.okta.com/oauth2/default", "aud": "api"})"),
        Reason::kWrongTokenUse)
        << plugin << " always says the kind";
  }
}

TEST_F(OpaquePlugins, id_tokens_alone_beside_an_endpoint_that_knows_access_tokens_alone_are_refused_at_load) {
  for (const char* plugin : {"oidc", "keycloak", "okta"}) {
    const std::string introspection = std::string(R"("introspection": {"url": ")") + kIntrospection + R"("})";
    EXPECT_EQ(refused_setting(plugin, R"({"tokenUse": "id", )" + introspection + "}"), "tokenUse") << plugin;
    EXPECT_EQ(refused_setting(plugin, std::string(R"({"tokenUse": "id", "userInfoEndpoint": ")") + kUserInfo + "\"}"),
              "tokenUse")
        << plugin;
  }
}

TEST_F(OpaquePlugins, an_endpoint_that_refuses_us_or_fails_says_nothing_about_the_token) {
  use("oidc", kIntrospects);
  for (const int status : {400, 401, 403, 404, 429, 500, 503}) {
    answer(kIntrospection, R"({"active": true, "token_type": "Bearer", "sub": "a"})", status);
    EXPECT_EQ(decide(), Reason::kProviderUnavailable) << status;
  }
  answers_.clear();
  EXPECT_EQ(decide(), Reason::kProviderUnavailable);
}

TEST_F(OpaquePlugins, clients_are_held_to_the_list_for_introspected_tokens_too) {
  use("oidc", std::string(R"({"introspection": {"url": ")") + kIntrospection + R"("}, "clients": ["web"]})");
  EXPECT_EQ(decide(R"({"active": true, "token_type": "Bearer", "sub": "a", "client_id": "web"})"), Reason::kOk);
  EXPECT_EQ(decide(R"({"active": true, "token_type": "Bearer", "sub": "a", "client_id": "other"})"),
            Reason::kClaimRejected);
  EXPECT_EQ(refused_setting("oidc", std::string(R"({"userInfoEndpoint": ")") + kUserInfo + R"(", "clients": ["web"]})"),
            "clients");
}

class KeycloakOpaque : public OpaquePlugins {};
class OktaOpaque : public OpaquePlugins {};

const std::string kIntrospectsAll =
    std::string(R"({"introspection": {"url": ")") + kIntrospection + R"(", "tokens": "all"}})";

TEST_F(KeycloakOpaque, habit_revocation_an_ended_session_is_seen_where_every_token_is_asked_about) {
  use("keycloak", kIntrospectsAll);
  EXPECT_EQ(instance_->trust().kinds, plugin::TokenKind::kOpaque);
  EXPECT_EQ(decide(R"({"active": false})"), Reason::kOpaqueInactive);
}
TEST_F(OktaOpaque, habit_revocation_a_revoked_token_is_seen_where_every_token_is_asked_about) {
  use("okta", kIntrospectsAll);
  EXPECT_EQ(instance_->trust().kinds, plugin::TokenKind::kOpaque);
  EXPECT_EQ(decide(R"({"active": false})"), Reason::kOpaqueInactive);
}

TEST_F(KeycloakOpaque, habit_introspection_keycloak_goes_by_the_payloads_typ_and_takes_lightweight_tokens_whole) {
  use("keycloak", kIntrospects);
  EXPECT_EQ(decide(R"({"active": true, "typ": "Bearer", "token_type": "Bearer", "sub": "a", "jti": "onltac:1"})"),
            Reason::kOk);
  EXPECT_EQ(decide(R"({"active": true, "typ": "Refresh", "sub": "a"})"), Reason::kWrongTokenUse);
  EXPECT_EQ(decide(R"({"active": true, "typ": "Bearer"})"), Reason::kMissingClaim);
}

TEST_F(OktaOpaque, habit_introspection_okta_goes_by_client_id_and_uid_and_refuses_the_org_server) {
  use("okta", kIntrospects);
  const auto with = [](const std::string& more) {
    return R"({"active": true, "token_type": "Bearer", "iss": "https://x.okta.com/oauth2/default", "client_id": "c", "sub": "me@x")" +
           more + "}";
  };
  EXPECT_EQ(decide(with(R"(, "uid": "00u1")")), Reason::kOk);
  EXPECT_EQ(decide(with("")), Reason::kMissingClaim);                                    // a login name is no user key
  EXPECT_EQ(decide(with(R"(, "uid": "00u1", "jti": "ID.1")")), Reason::kWrongTokenUse);  // active, for Okta
  EXPECT_EQ(decide(with(R"(, "uid": "00u1", "events": {})")), Reason::kWrongTokenUse);
  EXPECT_EQ(
      decide(R"({"active": true, "token_type": "Bearer", "iss": "https://x.okta.com", "client_id": "c", "uid": "u"})"),
      Reason::kWrongTokenUse);
  use("okta", std::string(R"({"introspection": {"url": ")") + kIntrospection + R"("}, "clients": ["d"]})");
  EXPECT_EQ(decide(with(R"(, "uid": "00u1")")), Reason::kClaimRejected);
}

TEST_F(OpaquePlugins, user_info_says_who_or_that_the_token_is_dead) {
  use("oidc", kAsksUserInfo);
  answer(kUserInfo, R"({"sub": "a", "groups": ["g"]})");
  EXPECT_EQ(decide(), Reason::kOk);
  for (const int status : {401, 403}) {
    answer(kUserInfo, R"({"error": "invalid_token"})", status);
    EXPECT_EQ(decide(), Reason::kOpaqueInactive) << status;
  }
  answer(kUserInfo, "{}", 500);
  EXPECT_EQ(decide(), Reason::kProviderUnavailable);
}

constexpr const char* kHosted = R"({"email": "a@example.test", "email_verified": true, "hd": "example.test"})";

class GoogleOpaque : public OpaquePlugins {
 protected:
  GoogleOpaque() {
    use_with("");
    answer(kTokenInfo, R"({"aud": "web", "azp": "web", "sub": "1", "exp": "1767229200", "email_verified": "true"})");
    answer(kUserInfo, R"({"sub": "1", "email": "o'neil@example.test", "email_verified": true, "hd": "example.test"})");
  }
  void use_with(const std::string& more) {
    use("google", std::string(R"({"audience": ["web"], "userInfoEndpoint": ")") + kUserInfo +
                      R"(", "tokenInfoUrl": ")" + kTokenInfo + R"(", "groupsUrl": ")" + kGroups + "\"" + more + "}");
  }
};

TEST_F(GoogleOpaque, trap_5_habit_client_token_info_names_our_client_twice_before_user_info_counts) {
  EXPECT_EQ(decide(), Reason::kOk);
  for (const char* info : {R"({"aud": "other", "azp": "web", "sub": "1", "exp": "1767229200"})",
                           R"({"aud": "web", "azp": "other", "sub": "1", "exp": "1767229200"})",
                           R"({"aud": "web", "sub": "1", "exp": "1767229200"})"}) {
    answer(kTokenInfo, info);
    EXPECT_EQ(decide(), Reason::kWrongAudience) << info;
  }
}

TEST_F(GoogleOpaque, trap_8_numbers_of_token_info_are_texts_and_end_the_answer) {
  EXPECT_EQ(resolve().valid_until, 1767229200);
  answer(kTokenInfo, R"({"aud": "web", "azp": "web", "sub": "1", "exp": "soon"})");
  EXPECT_EQ(decide(), Reason::kMissingClaim);
}

TEST_F(GoogleOpaque, token_info_and_user_info_that_name_two_people_decide_nothing) {
  answer(kUserInfo, R"({"sub": "2"})");
  EXPECT_EQ(decide(), Reason::kProviderUnavailable);
}

TEST_F(GoogleOpaque, a_token_that_token_info_does_not_know_is_inactive_and_an_outage_is_not) {
  answer(kTokenInfo, R"({"error": "invalid_token", "error_description": "Invalid Value"})", 400);
  EXPECT_EQ(decide(), Reason::kOpaqueInactive);
  answer(kTokenInfo, R"({"error_description": "Invalid Value"})", 400);
  EXPECT_EQ(decide(), Reason::kOpaqueInactive);
  answer(kTokenInfo, "{}", 503);
  EXPECT_EQ(decide(), Reason::kProviderUnavailable);
}

TEST_F(GoogleOpaque, a_refusal_that_does_not_name_the_token_is_googles_trouble_or_ours) {
  for (const auto& [status, body] :
       std::map<int, const char*>{{400, R"({"error": "invalid_request", "error_description": "Invalid Value"})"},
                                  {401, R"({"error": "invalid_token"})"},
                                  {403, R"({"error": {"status": "PERMISSION_DENIED"}})"},
                                  {404, "{}"}}) {
    answer(kTokenInfo, body, status);
    EXPECT_EQ(decide(), Reason::kProviderUnavailable) << status;
  }
  answer(kTokenInfo, "<html>", 400);
  EXPECT_EQ(decide(), Reason::kProviderUnavailable);
}

TEST_F(GoogleOpaque, user_info_knows_the_token_no_more_only_with_401) {
  answer(kUserInfo, R"({"error": "invalid_request"})", 401);
  EXPECT_EQ(decide(), Reason::kOpaqueInactive);
  for (const int status : {400, 403, 429, 500}) {
    answer(kUserInfo, R"({"sub": "1", "error": {"status": "PERMISSION_DENIED"}})", status);
    EXPECT_EQ(decide(), Reason::kProviderUnavailable) << status;
  }
}

TEST_F(GoogleOpaque, what_decides_nothing_is_told_in_the_log_without_token_or_user) {
  use_with(R"(, "roleFunction": "fn:getGoogleWorkspaceGroups")");
  const auto resolved = [this] {
    HeardLog heard;
    resolve(&heard.log());
    return heard.text();
  };
  for (const int status : {400, 401, 403}) {
    answer(kTokenInfo, R"({"error": "opaque somebody@example.test"})", status);
    const std::string said = resolved();
    EXPECT_NE(said.find(R"("event":"idp_unavailable")"), std::string::npos) << status << said;
    EXPECT_NE(said.find(R"("endpoint":"token_info")"), std::string::npos) << said;
    EXPECT_NE(said.find("status " + std::to_string(status)), std::string::npos) << said;
    EXPECT_EQ(said.find("opaque"), std::string::npos) << said;
    EXPECT_EQ(said.find("example.test"), std::string::npos) << said;
  }
  answer(kTokenInfo, R"({"error": "invalid_token"})", 400);
  EXPECT_EQ(resolved(), "") << "a token that is dead is nobody's trouble";
  HeardLog heard;
  answer(kGroups, R"({"error": "a@example.test"})", 403);
  enrich(kHosted, &heard.log());
  const std::string said = heard.text();
  EXPECT_NE(said.find(R"("endpoint":"groups")"), std::string::npos) << said;
  EXPECT_EQ(said.find("example.test"), std::string::npos) << said;
}

TEST_F(GoogleOpaque, habit_roles_groups_are_asked_for_with_the_users_token_and_the_address_escaped) {
  use_with(R"(, "roleFunction": "fn:getGoogleWorkspaceGroups")");
  answer(kGroups,
         R"({"memberships": [{"groupKey": {"id": "a@example.test"}}, {"groupKey": {"id": "b@example.test"}}]})");
  const plugin::Enriched enriched =
      enrich(R"({"email": "o'neil&x=1@example.test", "email_verified": true, "hd": "example.test"})");
  ASSERT_EQ(enriched.reason, Reason::kOk);
  EXPECT_EQ(enriched.identity.roles, (std::vector<std::string>{"a@example.test", "b@example.test"}));
  EXPECT_EQ(fetcher_.asked.back().url,
            std::string(kGroups) + "?query=member_key_id%3D%3D%27o%5C%27neil%26x%3D1%40example.test%27");
}

TEST_F(GoogleOpaque, groups_of_an_address_that_google_does_not_vouch_for_are_not_asked_for) {
  use_with(R"(, "roleFunction": "fn:getGoogleWorkspaceGroups")");
  answer(kGroups, R"({"memberships": [{"groupKey": {"id": "admins@example.test"}}]})");
  for (const char* claims :
       {R"({"email": "boss@example.test", "email_verified": true})", R"({"email": "boss@example.test"})",
        R"({"email": "boss@example.test", "email_verified": false, "hd": "example.test"})",
        R"({"email": "", "email_verified": true, "hd": "example.test"})", "{}"}) {
    EXPECT_EQ(enrich(claims).reason, Reason::kMissingClaim) << claims;
  }
  EXPECT_TRUE(fetcher_.asked.empty());
  EXPECT_EQ(enrich(R"({"email": "somebody@gmail.com", "email_verified": true})").reason, Reason::kOk);
}

TEST_F(GoogleOpaque, groups_that_can_not_be_had_are_unknown_and_never_none) {
  use_with(R"(, "roleFunction": "fn:getGoogleWorkspaceGroups")");
  for (const char* body :
       {R"({"memberships": "none"})", R"({"memberships": [1]})", R"({"memberships": [{"groupKey": {}}]})",
        R"({"memberships": [], "nextPageToken": "for ever"})"}) {
    answer(kGroups, body);
    EXPECT_EQ(enrich(kHosted).reason, Reason::kProviderUnavailable) << body;
  }
  answer(kGroups, "{}", 403);
  EXPECT_EQ(enrich(kHosted).reason, Reason::kProviderUnavailable);
  answer(kGroups, "{}");
  const plugin::Enriched none = enrich(kHosted);
  EXPECT_EQ(none.reason, Reason::kOk);
  EXPECT_TRUE(none.identity.roles.empty());
}

TEST_F(GoogleOpaque, groups_without_an_access_token_to_ask_with_are_refused_at_load) {
  EXPECT_EQ(refused_setting("google", R"({"audience": ["web"], "roleFunction": "fn:getGoogleWorkspaceGroups"})"),
            "rolePath");
}

}  // namespace
}  // namespace bearerd::tests
