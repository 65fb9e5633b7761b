#include <gmock/gmock.h>

#include "unit/settings/loading.hpp"

namespace bearerd::settings {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DynamicSettings : public Loading {
 protected:
  LoadOutcome load_files(const std::vector<std::string>& texts, bool overwrites = false) {
    std::string files;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::string name = "d" + std::to_string(i) + ".json";
      write(name, texts[i]);
      files += (i == 0 ? "\"" : ", \"") + name + "\"";
    }
    return load_text(std::string("{\"identityProviders\": {\"a\": {") + kQuietEntry + "}}, \"config\": {\"files\": [" +
                     files + "], \"jsonMergeStrategy\": {\"overwriteArrays\": " + (overwrites ? "true" : "false") +
                     "}}}");
  }
};

TEST_F(DynamicSettings, absent_roles_are_everyone_and_an_empty_list_is_nobody) {
  const LoadOutcome outcome =
      load_files({R"({"models": {"a": {}, "b": {"userRoles": []}, "c": {"userRoles": null}}})"});
  ASSERT_NE(outcome.settings, nullptr);
  const auto& deployments = outcome.settings->dynamic.deployments;
  EXPECT_EQ(deployments.at("a").user_roles, std::nullopt);
  EXPECT_EQ(deployments.at("b").user_roles, std::vector<std::string>{});
  EXPECT_EQ(deployments.at("c").user_roles, std::nullopt);
}

TEST_F(DynamicSettings, lists_of_several_files_are_joined_or_overwritten) {
  const std::vector<std::string> files{R"({"models": {"m": {"userRoles": ["a"]}}})",
                                       R"({"models": {"m": {"userRoles": ["b"]}}})"};
  EXPECT_EQ(load_files(files).settings->dynamic.deployments.at("m").user_roles, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(load_files(files, true).settings->dynamic.deployments.at("m").user_roles, (std::vector<std::string>{"b"}));
}

TEST_F(DynamicSettings, a_fault_names_the_file_that_it_came_from) {
  const LoadOutcome outcome =
      load_files({R"({"models": {}})", "{\n\"roles\": {\"r\": {\"limits\": {\"m\": {\"day\": \"many\"}}}}}"});
  EXPECT_THAT(faults(outcome),
              ElementsAre("d1.json:2:41: roles.r.limits.m.day: this is no whole number, or too large a one"));
  EXPECT_TRUE(outcome.is_dynamic_faulty);
  EXPECT_FALSE(outcome.is_static_faulty);
  EXPECT_EQ(outcome.settings, nullptr);
}

TEST_F(DynamicSettings, a_listed_file_that_is_missing_is_a_fault) {
  EXPECT_THAT(faults(load_text(std::string("{\"identityProviders\": {\"a\": {") + kQuietEntry +
                               "}}, \"config\": {\"files\": [\"x.json\"]}}")),
              ElementsAre(HasSubstr("config.files: cannot open x.json: No such file or directory")));
}

TEST_F(DynamicSettings, api_keys_are_checked_and_never_printed) {
  const LoadOutcome outcome = load_files(
      {R"({"keys": {"s3cret1": {"role": "r"}, "s3cret2": {"project": "p"}, "s3cret3": {"project": "p", "role": "r",
           "allowedIpAddressRanges": ["10.0.0.0/33"]}, "sha256:12": {"project": "p", "role": "r"}}})"});
  EXPECT_THAT(faults(outcome), ElementsAre(HasSubstr("keys.*: a key needs a \"project\""),
                                           HasSubstr("keys.*: a key needs \"role\" or \"roles\""),
                                           HasSubstr("this is no address range"), HasSubstr("64 hex digits")));
  for (const std::string& message : messages(outcome)) EXPECT_THAT(message, testing::Not(HasSubstr("s3cret")));
}

TEST_F(DynamicSettings, what_looks_like_a_hash_is_never_taken_for_a_key) {
  const std::string digits(64, 'a');
  for (const std::string& key : std::vector<std::string>{
           "sha265:" + digits, "SHA256:" + digits, "sha-256:" + digits, "Sha256=" + digits, "sha512:" + digits,
           "sha256:" + digits + "a", " sha256:" + digits, "sha256:" + digits + " ", std::string("sha1:x"),
           std::string("key\\t"), std::string(" key")}) {
    EXPECT_EQ(faults(load_files({"{\"keys\": {\"" + key + "\": {\"project\": \"p\", \"role\": \"r\"}}}"})).size(), 1U)
        << key;
  }
  for (const std::string& key :
       std::vector<std::string>{digits, "sha256:" + digits, "sha256:" + std::string(64, 'A'), std::string("shadow:1"),
                                std::string("sha:1"), std::string("a sha256:b")}) {
    EXPECT_THAT(faults(load_files({"{\"keys\": {\"" + key + "\": {\"project\": \"p\", \"role\": \"r\"}}}"})),
                testing::IsEmpty())
        << key;
  }
}

TEST_F(DynamicSettings, an_empty_address_list_is_nowhere_and_an_absent_one_anywhere) {
  const LoadOutcome outcome = load_files(
      {R"({"keys": {"k": {"project": "p", "role": "r", "allowedIpAddressRanges": []}, "l": {"project": "p", "role": "r"}}})"});
  ASSERT_NE(outcome.settings, nullptr);
  EXPECT_EQ(outcome.settings->dynamic.keys.at(0).address_ranges, std::vector<std::string>{});
  EXPECT_EQ(outcome.settings->dynamic.keys.at(1).address_ranges, std::nullopt);
}

TEST_F(DynamicSettings, routes_are_ordered_and_their_patterns_checked) {
  const LoadOutcome good = load_files(
      {R"({"routes": {"a": {"paths": ["/a"]}, "b": {"paths": ["/b"]}, "c": {"paths": ["/c"], "order": 1}}})"});
  ASSERT_NE(good.settings, nullptr);
  std::vector<std::string> names;
  for (const Route& route : good.settings->dynamic.routes) names.push_back(route.name);
  EXPECT_THAT(names, ElementsAre("c", "a", "b"));
  EXPECT_THAT(faults(load_files({R"~({"routes": {"a": {"paths": ["/(?!x)"]}, "b": {}
}
})~"})),
              ElementsAre(HasSubstr("routes.a.paths: the pattern can't be taken"),
                          HasSubstr("routes.b: a route needs \"paths\"")));
}

TEST_F(DynamicSettings, a_route_is_read_with_all_that_it_asks_for) {
  const LoadOutcome outcome = load_files({R"({"routes": {"r": {"paths": "/r", "methods": ["get", "POST"],
      "hosts": ["app.example.com", "*.example.net"], "providers": "a", "maxTokenAgeSeconds": "60", "encodedSlashes": "keep",
      "rules": [{"source": "title", "function": "CONTAIN", "targets": "chief"}]}, "open": {"paths": "/o", "anonymous": true}}})"});
  ASSERT_NE(outcome.settings, nullptr) << testing::PrintToString(messages(outcome));
  const Route& route = outcome.settings->dynamic.routes.at(0);
  EXPECT_THAT(route.methods, ElementsAre("GET", "POST"));
  EXPECT_THAT(route.hosts, ElementsAre("app.example.com", "*.example.net"));
  EXPECT_EQ(route.providers, std::vector<std::string>{"a"});
  EXPECT_EQ(route.max_token_age, std::chrono::seconds(60));
  ASSERT_TRUE(route.rules);
  EXPECT_EQ(route.rules->at(0).source, "title");
  EXPECT_TRUE(route.keeps_encoded_slashes);
  EXPECT_FALSE(route.is_anonymous);
  const Route& open = outcome.settings->dynamic.routes.at(1);
  EXPECT_TRUE(open.is_anonymous);
  EXPECT_FALSE(open.keeps_encoded_slashes);
  EXPECT_EQ(open.user_roles, std::nullopt);
  EXPECT_FALSE(open.rules);
  EXPECT_EQ(open.providers, std::nullopt);
}

TEST_F(DynamicSettings, what_a_route_can_not_mean_is_a_fault_at_its_place) {
  for (const auto& [member, text] : {
           std::pair{R"("hosts": ["app.example.com:443"])", "this is no host"},
           {R"("hosts": ["https://app"])", "this is no host"},
           {R"("hosts": [])", "this list is empty"},
           {R"("encodedSlashes": "decode")", R"(this takes "refuse" or "keep")"},
           {R"("maxTokenAgeSeconds": 0)", "out of range"},
           {R"("rules": [{"source": "title", "function": "EQUAL"}])", "a rule needs targets"},
           {R"("rules": [{"function": "EQUAL", "targets": ["x"]}])", "a rule needs a source"},
           {R"~("rules": [{"source": "t", "function": "REGEX", "targets": ["(?!x)"]}])~", "the pattern can't be taken"},
           {R"("rules": [{"source": "t", "function": "equal", "targets": ["x"]}])", "this takes"},
           {R"("anonymous": "yes")", "true or false"},
           {R"("anonymous": true, "userRoles": ["r"])", "an anonymous route lets everybody in"},
           {R"("anonymous": true, "rules": [])", "an anonymous route lets everybody in"},
           {R"("rule": [])", R"(did you mean "rules"?)"},
           {R"("provider": ["a"])", R"(did you mean "providers"?)"},
           {R"("maxTokenAge": 60)", R"(did you mean "maxTokenAgeSeconds"?)"},
           {R"("max_token_age_seconds": 60)", R"(did you mean "maxTokenAgeSeconds"?)"},
           {R"("Anonymous": true)", R"(did you mean "anonymous"?)"},
       }) {
    const auto told = faults(load_files({std::string(R"({"routes": {"r": {"paths": ["/r"], )") + member + "}}}"}));
    EXPECT_THAT(told, ElementsAre(testing::AllOf(HasSubstr("d0.json:1:"), HasSubstr("routes.r"), HasSubstr(text))))
        << member;
  }
}

TEST_F(DynamicSettings, what_can_never_match_in_a_route_is_warned_about) {
  const auto warnings = [&](const std::string& members) {
    const LoadOutcome outcome = load_files({R"({"routes": {"r": {)" + members + "}}}"});
    EXPECT_NE(outcome.settings, nullptr);
    return messages(outcome);
  };
  EXPECT_THAT(warnings(R"("paths": ["/a\\?b=.*"])"),
              ElementsAre(HasSubstr("routes.r.paths: warning: a literal \"?\"")));
  EXPECT_THAT(warnings(R"("paths": ["/a[?]b"])"), ElementsAre(HasSubstr("a literal \"?\"")));
  EXPECT_THAT(warnings(R"("paths": ["/ä"])"), ElementsAre(HasSubstr("percent-encoded")));
  for (const char* pattern : {"/r/[0-9]{4", R"(/r/\\d{4)", "/r/{id}", "/r/x{,4}", "/r/x{4,y}", "/r/{"})
    EXPECT_THAT(warnings("\"paths\": [\"" + std::string(pattern) + "\"]"), ElementsAre(HasSubstr("repetition")))
        << pattern;
  for (const char* pattern : {"/r/[0-9]{4}", R"(/r/\\d{4})", R"(/r/\\{)", "/r/x{2,}", "/r/x{2,4}", "/r/\\\\p{Greek}x"})
    EXPECT_THAT(warnings("\"paths\": [\"" + std::string(pattern) + "\"]"), testing::IsEmpty()) << pattern;
  EXPECT_THAT(warnings(R"("paths": ["/%c3%a4"])"), ElementsAre(HasSubstr("upper case")));
  EXPECT_THAT(warnings(R"("paths": ["/a"], "providers": ["a", "api_key", "nobody"])"),
              ElementsAre(HasSubstr("there is no provider \"nobody\"")));
  EXPECT_THAT(warnings(R"("paths": ["/a/[^?]*x?", "/b"])"), ElementsAre(HasSubstr("a literal")));
  EXPECT_THAT(warnings(R"("paths": ["/a"], "methods": ["get", "pots", "PATC"])"),
              ElementsAre(HasSubstr(R"(routes.r.methods: warning: "POTS": did you mean "POST"?)"),
                          HasSubstr(R"("PATC": did you mean "PATCH"?)")));
  EXPECT_THAT(
      warnings(R"("paths": ["/a"], "methods": ["PROPFIND", "M-SEARCH", "COPY", "LOCK", "MOVE", "LINK", "PRI"])"),
      IsEmpty());
  EXPECT_THAT(warnings(R"~("paths": ["/b?", "/%C3%A4", "/(?:a|b)", "(?i)/x"])~"), IsEmpty());
}

TEST_F(DynamicSettings, an_api_key_and_its_own_hash_are_one_key_and_a_fault) {
  // sha256sum of "second"
  const std::string hash = "sha256:16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4";
  const std::string entry = R"(": {"project": "p", "role": "r"})";
  EXPECT_THAT(faults(load_files({"{\"keys\": {\"second" + entry + ", \"" + hash + entry + "}}"})),
              ElementsAre(HasSubstr("this key stands here twice, once as its hash")));
  const LoadOutcome outcome = load_files({"{\"keys\": {\"" + hash + entry + "}}"});
  ASSERT_NE(outcome.settings, nullptr);
  EXPECT_TRUE(outcome.settings->dynamic.keys.at(0).hash == ApiKeyHash::of_key("second"));
}

TEST_F(DynamicSettings, many_routes_of_one_order_stay_in_the_order_of_the_file) {
  std::string routes;
  std::vector<std::string> expected, names;
  for (int i = 0; i < 100; ++i) {
    expected.push_back("r" + std::to_string(99 - i));
    routes += (i == 0 ? "\"" : ", \"") + expected.back() + R"(": {"paths": ["/"]})";
  }
  const LoadOutcome outcome = load_files({"{\"routes\": {" + routes + "}}"});
  ASSERT_NE(outcome.settings, nullptr);
  for (const Route& route : outcome.settings->dynamic.routes) names.push_back(route.name);
  EXPECT_EQ(names, expected);
}

TEST_F(DynamicSettings, a_name_in_two_kinds_is_a_fault) {
  EXPECT_THAT(faults(load_files({R"({"models": {"m": {}}, "applications": {"m": {"userRoles": []}}})"})),
              ElementsAre(HasSubstr("a deployment of this name stands in \"models\" already")));
}

TEST_F(DynamicSettings, a_misspelled_guard_is_a_fault) {
  const std::string key = R"({"keys": {"k": {"project": "p", "role": "r", )";
  for (const std::string& text :
       {std::string(R"({"models": {"m": {"user-roles": ["r"]}}})"),
        std::string(R"({"models": {"m": {"userRole": []}}})"),
        std::string(R"({"toolsets": {"m": {"UserRoles": null}}})"),
        std::string(R"({"assistant": {"assistants": {"m": {"usersRoles": []}}}})"),
        std::string(R"({"routes": {"x": {"paths": ["/"], "userRolls": []}}})"),
        std::string(R"({"routes": {"x": {"paths": ["/"], "Methods": ["GET"]}}})"),
        std::string(R"({"roles": {"r": {"cost_limit": {"day": 1}}}})"),
        std::string(R"({"roles": {"r": {"costLimit": {"days": 1}}}})"),
        std::string(R"({"models": {"m": {}}, "roles": {"r": {"limits": {"m": {"requestsDay": 1}}}}})"),
        std::string(R"({"roles": {"r": {"limits": {"m": {"dya": 1}}}}})"),
        std::string(R"({"roles": {"r": {"limits": {"m": {"request_hour": 1}}}}})"), key + R"("secure": true}}})",
        key + R"("allowedIPAddressRange": []}}})", key + R"("allowed_ip_address_ranges": []}}})"}) {
    EXPECT_THAT(faults(load_files({text})), ElementsAre(HasSubstr("would be open (did you mean"))) << text;
  }
}

TEST_F(DynamicSettings, a_limit_that_is_not_known_is_warned_about) {
  EXPECT_THAT(
      messages(load_files({R"({"models": {"m": {}},
"roles": {"r": {"limits": {"m": {"hour": 5, "day": 1}}, "costLimit": {"requestDay": 1}}}})"})),
      ElementsAre(HasSubstr("roles.r.limits.m.hour: warning: not a limit that is known here, so it limits nothing"),
                  HasSubstr("roles.r.costLimit.requestDay: warning: not a limit that is known here")));
}

TEST_F(DynamicSettings, dial_cores_own_keys_are_no_slips) {
  const std::string deployment = R"("name": "n", "endpoint": "e", "displayName": "d", "display_name": "d",
      "displayVersion": "1", "display_version": "1", "iconUrl": "i", "icon_url": "i", "description": "d",
      "reference": "r", "forwardAuthToken": true, "forward_auth_token": true, "features": {}, "defaults": {},
      "inputAttachmentTypes": [], "input_attachment_types": [], "maxInputAttachments": 1, "interceptors": [],
      "descriptionKeywords": [], "maxRetryAttempts": 1, "upstreams": [], "type": "chat", "tokenizerModel": "t",
      "limits": {"maxTotalTokens": 1}, "pricing": {"unit": "token"}, "overrideName": "o", "dependencies": [],
      "author": "a", "createdAt": 1, "updatedAt": 1, "routes": {}, "function": {}, "prompt": "p", "addons": [],
      "rateEndpoint": "e", "rate_endpoint": "e", "tokenizeEndpoint": "e", "authSettings": {}, "allowedTools": [],
      "transport": "HTTP", "viewerUrl": "v", "editorUrl": "e", "mcp": {}, "source": "s")";
  EXPECT_THAT(faults(load_files({"{\"models\": {\"m\": {" + deployment + "}}, \"applications\": {\"a\": {" +
                                 deployment + "}}," +
                                 R"("roles": {"r": {"name": "r", "limits": {}, "costLimit": {}, "share": {}}},
      "routes": {"x": {"name": "x", "paths": ["/"], "methods": [], "response": {"status": 200}, "rewritePath": true,
          "upstreams": [], "maxRetryAttempts": 1, "description": "d", "attachmentPaths": {}, "permissions": []}},
      "keys": {"k": {"key": "k", "name": "n", "project": "p", "role": "r", "secured": true, "description": "d"}}})"})),
              IsEmpty());
}

TEST_F(DynamicSettings, what_is_not_enforced_is_warned_about_once_each_at_its_place) {
  const LoadOutcome outcome =
      load_files({R"({"models": {"a": {"userRoles": []}}, "keys": {"k": {"project": "p", "role": "r"}},
"routes": {"x": {"paths": ["/"], "userRoles": ["r"]}},
"roles": {"r": {"limits": {"a": {"day": 1}}}, "s": {"limits": {"a": {"day": 1}}, "costLimit": {"day": 1}, "share": {"x": {}}}}})"});
  EXPECT_NE(outcome.settings, nullptr);
  EXPECT_THAT(messages(outcome),
              ElementsAre(HasSubstr("roles.s.share: warning: limits of sharing are not enforced by this version")));
}

TEST_F(DynamicSettings, a_limit_of_a_deployment_that_is_not_there_is_warned_about) {
  EXPECT_THAT(messages(load_files({R"({"models": {"gpt-4": {}}, "roles": {"r": {"limits": {"gpt4": {"day": 1}}}}})"})),
              ElementsAre(testing::AllOf(HasSubstr("roles.r.limits.gpt4: warning: there is no such deployment"),
                                         HasSubstr("gpt-4"))));
}

TEST_F(DynamicSettings, parts_that_guard_nothing_load_without_a_word) {
  EXPECT_THAT(
      messages(load_files(
          {R"({"models": {"m": {"userRoles": null}, "n": {"userRoles": []}}, "roles": {"r": {"limits": {}}}, "keys": {},
      "routes": null, "assistant": {"assistants": {"a": {}}}})"})),
      IsEmpty());
}

TEST_F(DynamicSettings, the_digest_follows_the_meaning) {
  const auto digest_of = [&](const std::string& text) { return load_files({text}).settings->dynamic_digest; };
  EXPECT_EQ(digest_of(R"({"models": {"a": {}, "b": {}}, "other": 1})"),
            digest_of(R"({"models": {"b": {}, "a": {}, /* c */}})"));
  EXPECT_NE(digest_of(R"({"models": {"a": {}}})"), digest_of(R"({"models": {"a": {"userRoles": []}}})"));
  const auto with_key = [](const std::string& key) {
    return "{\"keys\": {\"" + key + R"(": {"project": "p", "role": "r"}}})";
  };
  EXPECT_EQ(digest_of(with_key("k")), digest_of(with_key("k")));
  EXPECT_NE(digest_of(with_key("k")), digest_of(with_key("l")));
}

TEST_F(DynamicSettings, the_digest_follows_the_order_of_routes) {
  const auto digest_of = [&](const std::string& routes) {
    return load_files({"{\"routes\": {" + routes + "}}"}).settings->dynamic_digest;
  };
  const std::string closed = R"("closed": {"paths": ["/a/.*"], "userRoles": []})";
  const std::string open = R"("open": {"paths": ["/.*"]})";
  EXPECT_NE(digest_of(closed + ", " + open), digest_of(open + ", " + closed));
  EXPECT_EQ(digest_of(closed + ", " + open), digest_of(closed + ",   " + open));
}

}  // namespace
}  // namespace bearerd::settings
