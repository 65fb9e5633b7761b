#include "access/authorizer.hpp"

#include <gtest/gtest.h>

namespace bearerd::access {
namespace {

using base::Reason;
using settings::RuleFunction;

class AuthorizerTest : public testing::Test {
 protected:
  void deploy(const std::string& name, std::optional<std::vector<std::string>> roles = std::nullopt) {
    settings_.dynamic.deployments[name] = {"models", std::move(roles)};
  }
  settings::Route& add_route(const std::string& name, std::vector<std::string> paths) {
    settings::Route& route = settings_.dynamic.routes.emplace_back();
    route.name = name;
    route.paths = std::move(paths);
    return route;
  }
  Ruling rule(const Wish& wish, const Caller* caller) {
    authorizer_ = std::make_unique<Authorizer>(settings_);
    return authorizer_->authorize(wish, caller);
  }
  // For a caller with these roles.
  Reason ask(std::string_view path, const std::vector<std::string>& roles = {}, std::string_view method = "GET") {
    const Caller caller{"demo", roles, claims_, token_age_};
    return rule({{}, method, path, "app.example.com"}, &caller).reason;
  }
  Reason ask_without_token(std::string_view path) { return rule({{}, "GET", path, "app.example.com"}, nullptr).reason; }
  Reason ask_for_resource(std::string_view name, const std::vector<std::string>& roles = {}) {
    const Caller caller{"demo", roles, claims_, token_age_};
    return rule({name, {}, {}, {}}, &caller).reason;
  }

  settings::Settings settings_;
  std::vector<Claim> claims_;
  std::optional<std::chrono::seconds> token_age_;
  std::unique_ptr<Authorizer> authorizer_;
};

struct RoleCase {
  std::optional<std::vector<std::string>> allowed;
  std::vector<std::string> roles;
  Reason expected;
};

TEST_F(AuthorizerTest, absent_roles_are_everyone_an_empty_list_nobody_and_a_list_any_in_common) {
  using Roles = std::vector<std::string>;
  for (const RoleCase& each : {
           RoleCase{std::nullopt, {}, Reason::kOk},
           {std::nullopt, {"x"}, Reason::kOk},
           {Roles{}, {}, Reason::kNoRole},
           {Roles{}, {"x"}, Reason::kNoRole},
           {Roles{"a", "b"}, {"b"}, Reason::kOk},
           {Roles{"a", "b"}, {"x", "a"}, Reason::kOk},
           {Roles{"a", "b"}, {"x"}, Reason::kNoRole},
           {Roles{"a", "b"}, {}, Reason::kNoRole},
           {Roles{"a"}, {"A"}, Reason::kNoRole},     // roles are told apart by case
           {Roles{"default"}, {}, Reason::kNoRole},  // "default" is a role like others here; it matters for limits
       }) {
    deploy("m", each.allowed);
    settings_.dynamic.routes.clear();
    add_route("r", {"/r"}).user_roles = each.allowed;
    const std::string label = testing::PrintToString(each.allowed) + testing::PrintToString(each.roles);
    EXPECT_EQ(ask_for_resource("m", each.roles), each.expected) << label;
    EXPECT_EQ(ask("/openai/deployments/m/chat/completions", each.roles), each.expected) << label;
    EXPECT_EQ(ask("/r", each.roles), each.expected) << label;
  }
}

TEST_F(AuthorizerTest, without_a_resource_only_the_credential_is_asked_about) {
  deploy("m");
  EXPECT_EQ(ask_for_resource(""), Reason::kOk);
  EXPECT_EQ(ask_for_resource("other"), Reason::kUnknownResource);
  EXPECT_EQ(rule({}, nullptr).reason, Reason::kNoToken);
  EXPECT_EQ(rule({"m", {}, {}, {}}, nullptr).reason, Reason::kNoToken);
}

TEST_F(AuthorizerTest, dial_cores_urls_name_their_deployments) {
  deploy("gpt-4", std::vector<std::string>{"staff"});
  const std::vector<std::string> staff{"staff"};
  for (const std::string_view path :
       {"/openai/deployments/gpt-4/chat/completions", "/openai/deployments/gpt-4/embeddings",
        "/openai/deployments/gpt-4", "/openai/deployments/gpt-4/", "/openai/models/gpt-4", "/openai/applications/gpt-4",
        "/openai/addons/gpt-4", "/openai/assistants/gpt-4", "/openai/toolsets/gpt-4", "/v1/deployments/gpt-4/tokenize",
        "/v1/deployments/gpt-4/truncate_prompt", "/v1/deployments/gpt-4/configuration", "/v1/deployments/gpt-4/limits",
        "/v1/deployments/gpt-4/mcp", "/v1/deployments/gpt-4/route/x/y", "/v1/toolset/gpt-4/tools",
        "/v1/toolset/gpt-4/mcp", "/v1/gpt-4/rate"}) {
    EXPECT_EQ(ask(path, staff), Reason::kOk) << path;
    EXPECT_EQ(ask(path), Reason::kNoRole) << path;
    EXPECT_EQ(ask_without_token(path), Reason::kNoToken) << path;
  }
  for (const std::string_view path :
       {"/openai/deployments/gpt-5/chat/completions", "/v1/gpt-5/rate", "/openai/models/GPT-4"})
    EXPECT_EQ(ask(path, staff), Reason::kUnknownResource) << path;
  for (const std::string_view path : {"/openai/deployments", "/openai/models", "/v1/bucket", "/v1/user/info", "/"})
    EXPECT_EQ(ask(path), Reason::kOk) << path;
}

TEST_F(AuthorizerTest, a_name_comes_percent_encoded_and_is_decoded_once) {
  deploy("org/model", std::vector<std::string>{"a"});
  deploy("two words", std::vector<std::string>{"a"});
  deploy("v1.5", std::vector<std::string>{"a"});
  deploy("100%25", std::vector<std::string>{"a"});
  deploy("ünïcode", std::vector<std::string>{"a"});
  for (const std::string_view path :
       {"/openai/deployments/org%2Fmodel/chat/completions", "/openai/deployments/two%20words/x",
        "/openai/deployments/v1.5/x", "/openai/deployments/100%2525/x", "/openai/deployments/%C3%BCn%C3%AFcode/x",
        "/v1/org%2Fmodel/rate"})
    EXPECT_EQ(ask(path, {"a"}), Reason::kOk) << path;
  EXPECT_EQ(ask("/openai/deployments/100%25/x", {"a"}), Reason::kUnknownResource);
}

// DIAL Core itself takes "org/model" out of a path with a bare slash.
TEST_F(AuthorizerTest, a_deployment_never_answers_for_one_whose_name_goes_on_behind_a_slash) {
  deploy("org");
  deploy("org/model", std::vector<std::string>{"staff"});
  deploy("org/model/large", std::vector<std::string>{"boss"});
  EXPECT_EQ(ask("/openai/deployments/org/chat/completions"), Reason::kOk);
  EXPECT_EQ(ask("/openai/deployments/org/model/chat/completions"), Reason::kNoRole);
  EXPECT_EQ(ask("/openai/deployments/org/model/chat/completions", {"staff"}), Reason::kOk);
  EXPECT_EQ(ask("/openai/deployments/org/model"), Reason::kNoRole);
  EXPECT_EQ(ask("/openai/deployments/org/model/large", {"staff"}), Reason::kNoRole);
  EXPECT_EQ(ask("/openai/deployments/org%2Fmodel/large/x", {"staff"}), Reason::kNoRole);
  EXPECT_EQ(ask("/openai/deployments/org%2Fmodel%2Flarge/x", {"boss"}), Reason::kOk);
  // Every byte of a name may come encoded.
  EXPECT_EQ(ask("/openai/deployments/%6F%72%67/%6D%6F%64%65%6C/%6C%61%72%67%65/x", {"staff"}), Reason::kNoRole);
  EXPECT_EQ(ask("/openai/deployments/org/model/x/x/x/x/x", {"staff"}), Reason::kOk);
  settings_.verify.resource_rules = {"/m/([a-z]+)-v[0-9]/.*"};
  EXPECT_EQ(ask("/m/org-v1/x"), Reason::kOk);
}

TEST_F(AuthorizerTest, an_encoded_slash_outside_of_the_name_is_refused) {
  deploy("m");
  EXPECT_EQ(ask("/openai/deployments/m/chat%2Fcompletions"), Reason::kBadRequest);
  // A backend that decodes it would see the deployment's own path.
  EXPECT_EQ(ask("/openai%2Fdeployments/m/chat/completions"), Reason::kBadRequest);
  EXPECT_EQ(ask_without_token("/openai%2Fdeployments/m/chat/completions"), Reason::kNoToken);
}

TEST_F(AuthorizerTest, resource_rules_of_ones_own_replace_the_default_ones) {
  deploy("m", std::vector<std::string>{});
  settings_.verify.resource_rules = {"/(?:a|b)/([^/]+)/.*"};
  EXPECT_EQ(ask("/a/m/x"), Reason::kNoRole);
  EXPECT_EQ(ask("/b/n/x"), Reason::kUnknownResource);
  EXPECT_EQ(ask("/openai/deployments/m/x"), Reason::kOk);
  settings_.verify.resource_rules = std::vector<std::string>{};
  EXPECT_EQ(ask("/a/m/x"), Reason::kOk);
}

TEST_F(AuthorizerTest, where_nothing_is_deployed_the_default_rules_claim_no_path) {
  EXPECT_EQ(ask("/openai/deployments/m/x"), Reason::kOk);
  EXPECT_EQ(ask("/a%2Fb"), Reason::kOk);
  settings_.verify.resource_rules = {"/openai/deployments/([^/]+)/.*"};
  EXPECT_EQ(ask("/openai/deployments/m/x"), Reason::kUnknownResource);
}

TEST_F(AuthorizerTest, resource_rules_come_before_routes_and_routes_before_the_default) {
  deploy("m", std::vector<std::string>{});
  add_route("all of openai", {"/openai/.*"});
  EXPECT_EQ(ask("/openai/deployments/m/x"), Reason::kNoRole);
  EXPECT_EQ(ask("/openai/other"), Reason::kOk);
  EXPECT_EQ(ask("/other"), Reason::kNoRoute);
  settings_.verify.default_route = settings::DefaultRoute::kAllow;
  EXPECT_EQ(ask("/other"), Reason::kOk);
  EXPECT_EQ(ask_without_token("/other"), Reason::kNoToken);
}

TEST_F(AuthorizerTest, the_default_denies_once_there_is_a_route) {
  EXPECT_EQ(ask("/x"), Reason::kOk);
  settings_.verify.default_route = settings::DefaultRoute::kDeny;
  EXPECT_EQ(ask("/x"), Reason::kNoRoute);
  settings_.verify.default_route.reset();
  add_route("r", {"/r"});
  EXPECT_EQ(ask("/x"), Reason::kNoRoute);
}

TEST_F(AuthorizerTest, the_first_route_that_matches_decides_alone) {
  add_route("staff", {"/a"}).user_roles = {"staff"};
  add_route("all", {"/a"});
  EXPECT_EQ(ask("/a"), Reason::kNoRole);
  EXPECT_EQ(ask("/a", {"staff"}), Reason::kOk);
}

TEST_F(AuthorizerTest, a_route_asks_for_provider_claims_and_a_fresh_token) {
  settings::Route& route = add_route("r", {"/r"});
  route.providers = {"other", "api_key"};
  EXPECT_EQ(ask("/r"), Reason::kNoRole);
  route.providers = {"demo"};
  EXPECT_EQ(ask("/r"), Reason::kOk);
  route.rules = {{"department", RuleFunction::kEqual, {"Sales"}}, {"roles", RuleFunction::kEqual, {"boss"}}};
  EXPECT_EQ(ask("/r"), Reason::kNoRole);
  EXPECT_EQ(ask("/r", {"boss"}), Reason::kOk);
  claims_ = {{"department", {"sales"}}};
  EXPECT_EQ(ask("/r"), Reason::kOk);
  route.max_token_age = std::chrono::seconds(60);
  EXPECT_EQ(ask("/r"), Reason::kTooOld);  // nobody knows how old
  token_age_ = std::chrono::seconds(60);
  EXPECT_EQ(ask("/r"), Reason::kTooOld);
  token_age_ = std::chrono::seconds(59);
  EXPECT_EQ(ask("/r"), Reason::kOk);
  route.rules = std::vector<settings::Rule>{};
  EXPECT_EQ(ask("/r", {"boss"}), Reason::kNoRole);
}

TEST_F(AuthorizerTest, an_anonymous_route_lets_everybody_in_and_only_there) {
  add_route("public", {"/public/.*"}).is_anonymous = true;
  add_route("rest", {".*"});
  EXPECT_EQ(ask_without_token("/public/x"), Reason::kOk);
  EXPECT_EQ(ask("/public/x"), Reason::kOk);
  EXPECT_EQ(ask_without_token("/private"), Reason::kNoToken);
  EXPECT_EQ(ask_without_token("/public/..%2Fprivate"), Reason::kNoToken);
  EXPECT_EQ(ask("/public/..%2Fprivate"), Reason::kBadRequest);
}

TEST_F(AuthorizerTest, encoded_slashes_are_refused_where_the_route_does_not_keep_them) {
  settings::Route& files = add_route("files", {"/files/.*"});
  EXPECT_EQ(ask("/files/a%2Fb"), Reason::kBadRequest);
  files.keeps_encoded_slashes = true;
  EXPECT_EQ(ask("/files/a%2Fb"), Reason::kOk);
  settings_.verify.default_route = settings::DefaultRoute::kAllow;
  EXPECT_EQ(ask("/elsewhere%2Fb"), Reason::kBadRequest);
}

TEST_F(AuthorizerTest, parameters_must_not_change_what_decides) {
  deploy("m", std::vector<std::string>{"a"});
  add_route("admin", {"/admin/.*"}).user_roles = {"admin"};
  add_route("matrix", {"/maps;zoom=[0-9]+/.*"});
  add_route("open", {"/.*"}).is_anonymous = true;
  // Nobody knows whether the backend sees /admin/x.
  for (const std::string_view path :
       {"/admin;v=1/x", "/;a=1/admin/x", "/openai;x/deployments/m/chat", "/openai/deployments/m;x/chat/completions"}) {
    EXPECT_EQ(ask(path, {"admin", "a"}), Reason::kBadRequest) << path;
    EXPECT_EQ(ask_without_token(path), Reason::kNoToken) << path;
  }
  // Whatever the backend sees, one rule decides.
  EXPECT_EQ(ask("/admin/x;v=1", {"admin"}), Reason::kOk);
  EXPECT_EQ(ask("/admin/x;v=1"), Reason::kNoRole);
  EXPECT_EQ(ask("/openai/deployments/m/chat/completions;v=1", {"a"}), Reason::kOk);
  EXPECT_EQ(ask_without_token("/public;v=1/x;y"), Reason::kOk);
  // The route says that its application reads them.
  EXPECT_EQ(ask("/maps;zoom=3/x"), Reason::kOk);
}

TEST_F(AuthorizerTest, without_rules_parameters_change_nothing) {
  EXPECT_EQ(ask("/admin;v=1/x"), Reason::kOk);
  settings_.verify.default_route = settings::DefaultRoute::kDeny;
  EXPECT_EQ(ask("/admin;v=1/x"), Reason::kNoRoute);
}

TEST_F(AuthorizerTest, a_route_for_some_hosts_can_not_be_judged_without_a_host) {
  settings::Route& route = add_route("public", {"/x"});
  route.hosts = {"app.example.com"};
  route.is_anonymous = true;
  EXPECT_EQ(ask_without_token("/x"), Reason::kOk);
  const std::vector<std::string> roles;
  const Caller caller{"demo", roles, claims_, token_age_};
  EXPECT_EQ(rule({{}, "GET", "/x", {}}, &caller).reason, Reason::kBadRequest);
  EXPECT_EQ(rule({{}, "GET", "/x", {}}, nullptr).reason, Reason::kNoToken);
}

TEST_F(AuthorizerTest, a_ruling_names_what_decided_and_never_what_was_only_asked_for) {
  deploy("m", std::vector<std::string>{});
  add_route("r", {"/r"}).user_roles = std::vector<std::string>{};
  const std::vector<std::string> roles;
  const Caller caller{"demo", roles, claims_, token_age_};
  EXPECT_EQ(rule({{}, "GET", "/openai/deployments/m/x", {}}, &caller).deployment, "m");
  EXPECT_EQ(rule({{}, "GET", "/openai/deployments/alice/x", {}}, &caller).deployment, "");
  EXPECT_EQ(rule({"alice", {}, {}, {}}, &caller).deployment, "");
  EXPECT_EQ(rule({{}, "GET", "/r", {}}, &caller).route, "r");
  EXPECT_EQ(rule({{}, "GET", "/other", {}}, &caller).route, "");
}

TEST_F(AuthorizerTest, needed_claims_are_named_once_each) {
  add_route("a", {"/a"}).rules = {{"b.c", RuleFunction::kTrue, {}}, {"roles", RuleFunction::kTrue, {}}};
  add_route("b", {"/b"}).rules = {{"b.c", RuleFunction::kTrue, {}}, {"a", RuleFunction::kTrue, {}}};
  const Authorizer authorizer(settings_);
  ASSERT_EQ(authorizer.needed_claims().size(), 2U);
  EXPECT_EQ(authorizer.needed_claims()[0].name, "a");
  EXPECT_EQ(authorizer.needed_claims()[1].path, base::ClaimPath::from_text("b.c"));
}

}  // namespace
}  // namespace bearerd::access
