#include <gmock/gmock.h>

#include "unit/settings/loading.hpp"

namespace bearerd::settings {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Static : public Loading {
 protected:
  LoadOutcome load_section(const std::string& section) {
    return load_text(std::string("{\"identityProviders\": {\"a\": {") + kQuietEntry + "}}, " + section + "}");
  }
};

TEST_F(Static, absent_sections_have_safe_defaults) {
  environment_["STATE_DIRECTORY"] = "/state/one:/state/two";
  const LoadOutcome outcome = load_entry("a", kQuietEntry);
  ASSERT_NE(outcome.settings, nullptr);
  const Settings& settings = *outcome.settings;
  EXPECT_EQ(settings.listen.verify.at(0).display(), "127.0.0.1:9180");
  EXPECT_EQ(settings.listen.metrics.at(0).display(), "127.0.0.1:9181");
  EXPECT_EQ(settings.listen.admin.at(0).display(), "unix:/run/bearerd/admin.sock");
  EXPECT_EQ(settings.plugins.directories.size(), 1U);
  EXPECT_EQ(settings.state.directory, "/state/one");
  EXPECT_EQ(settings.state.key_file, "/state/one/state.key");
  EXPECT_THAT(watched_paths(outcome), ElementsAre(directory_ + "/settings.json", directory_ + "/aidial.config.json"));
}

TEST_F(Static, a_missing_file_is_a_fault) {
  const LoadOutcome outcome = load_file(directory_ + "/none.json");
  EXPECT_TRUE(outcome.is_static_faulty);
  EXPECT_THAT(messages(outcome), ElementsAre("none.json: cannot open none.json: No such file or directory"));
}

TEST_F(Static, what_is_read_from_dynamic_files_only_is_told) {
  constexpr const char* kMisplaced = "warning: belongs into a file of config.files; here it is ignored";
  for (const char* section : {"models", "addons", "assistant", "roles", "keys", "routes"}) {
    EXPECT_THAT(messages(load_section("\n\"" + std::string(section) + "\": {}")),
                ElementsAre("settings.json:2:1: " + std::string(section) + ": " + kMisplaced));
    EXPECT_THAT(messages(load_section("\"" + std::string(section) + "\": null")), IsEmpty());
  }
  for (const char* of_dial_core : {"applications", "toolsets"}) {
    EXPECT_THAT(messages(load_section("\"" + std::string(of_dial_core) + "\": {}")), IsEmpty());
  }
  environment_ = {{"aidial.routes", "{}"}};
  EXPECT_THAT(messages(load_entry("a", kQuietEntry)),
              ElementsAre(std::string("environment variable aidial.routes: routes: ") + kMisplaced));
}

TEST_F(Static, verify_beyond_loopback_needs_a_loud_word) {
  EXPECT_THAT(faults(load_section(R"("listen": {"verify": "0.0.0.0:9180"})")),
              ElementsAre(HasSubstr("listen.verify: beyond loopback")));
  EXPECT_THAT(faults(load_section(R"("listen": {"verify": "[::]:9180"})")), ElementsAre(HasSubstr("beyond loopback")));
  EXPECT_THAT(faults(load_section(R"("listen": {"verify": "0.0.0.0:9180"}, "insecure": {"remoteVerify": true})")),
              IsEmpty());
  EXPECT_THAT(faults(load_section(R"("listen": {"verify": ["localhost:0", "[::1]:0"], "metrics": "0.0.0.0:9181"})")),
              IsEmpty());
}

TEST_F(Static, what_would_not_start_is_a_fault) {
  EXPECT_THAT(faults(load_section(R"("listen": {"admin": "127.0.0.1:9182"})")),
              ElementsAre(HasSubstr("listen.admin: over TCP the admin API is served with TLS only")));
}

TEST_F(Static, with_tls_proxies_may_ask_from_elsewhere) {
  write("c.pem", "c");
  write("k.pem", "k");
  const auto loaded =
      load_section(R"("listen": {"verify": "0.0.0.0:9180", "tls": {"certificateFile": "c.pem", "keyFile": "k.pem"}})");
  EXPECT_THAT(messages(loaded), IsEmpty());
  EXPECT_THAT(loaded.settings->listen.tls->certificate_file, testing::EndsWith("/c.pem"));
}

TEST_F(Static, tls_needs_both_files) {
  EXPECT_THAT(faults(load_section(R"("listen": {"tls": {}})")),
              ElementsAre(HasSubstr("listen.tls: needs certificateFile"), HasSubstr("listen.tls: needs keyFile")));
}

TEST_F(Static, null_is_the_same_as_leaving_a_key_out) {
  EXPECT_THAT(messages(load_section(R"("state": {"revocationsFile": null}, "verify": {"defaultRoute": null})")),
              IsEmpty());
}

TEST_F(Static, longest_token_life_is_a_day_unless_it_is_said) {
  EXPECT_EQ(load_section(R"("state": {})").settings->state.longest_token_life, std::chrono::hours(24));
  EXPECT_EQ(load_section(R"("state": {"longestTokenLifeSeconds": 3600})").settings->state.longest_token_life,
            std::chrono::hours(1));
  EXPECT_THAT(faults(load_section(R"("state": {"longestTokenLifeSeconds": 0})")),
              ElementsAre(HasSubstr("state.longestTokenLifeSeconds: ")));
}

TEST_F(Static, a_redis_is_read_with_its_defaults_and_its_password) {
  const auto plain = load_section(R"("state": {"store": "redis"})");
  ASSERT_NE(plain.settings, nullptr);
  EXPECT_EQ(plain.settings->state.redis->address, "127.0.0.1:6379");
  EXPECT_FALSE(plain.settings->state.redis->refuses_on_failure);
  write("redis.password", "s3cret\n");
  const auto full = load_section(R"("state": {"store": "redis", "redis": {"address": "unix:/run/redis.sock",
      "user": "bearerd", "passwordFile": "redis.password", "deadlineMs": 20, "connections": 4, "onFailure": "refuse"}})");
  ASSERT_NE(full.settings, nullptr);
  EXPECT_EQ(full.settings->state.redis->password.as_text(), "s3cret");
  EXPECT_EQ(full.settings->state.redis->deadline.count(), 20);
  EXPECT_TRUE(full.settings->state.redis->refuses_on_failure);
}

TEST_F(Static, a_redis_that_can_t_be_meant_is_a_fault) {
  EXPECT_THAT(faults(load_section(R"("state": {"redis": {}})")),
              ElementsAre(HasSubstr("state.redis: has no effect without")));
  for (const char* address : {"redis", "redis:", ":6379", "redis:0", "redis:70000", "unix:run"}) {
    EXPECT_THAT(
        faults(load_section(R"("state": {"store": "redis", "redis": {"address": ")" + std::string(address) + "\"}}")),
        ElementsAre(HasSubstr("\"address\" has to be")))
        << address;
  }
  write("open.password", "s3cret", 0644);
  EXPECT_THAT(faults(load_section(R"("state": {"store": "redis", "redis": {"passwordFile": "open.password"}})")),
              ElementsAre(HasSubstr("others than its owner may read it")));
  EXPECT_THAT(faults(load_section(R"("state": {"store": "redis", "redis": {"onFailure": "allow"}})")),
              ElementsAre(HasSubstr("state.redis.onFailure")));
}

TEST_F(Static, the_default_route_and_the_resource_rules_are_read) {
  const LoadOutcome outcome =
      load_section(R"~("verify": {"defaultRoute": "allow", "resourceRules": ["/m/([^/]+)(?:/.*)?", "/n/(.+)"]})~");
  ASSERT_NE(outcome.settings, nullptr);
  EXPECT_EQ(outcome.settings->verify.default_route, DefaultRoute::kAllow);
  EXPECT_EQ(outcome.settings->verify.resource_rules, (std::vector<std::string>{"/m/([^/]+)(?:/.*)?", "/n/(.+)"}));
  const LoadOutcome silent = load_section(R"("verify": {})");
  EXPECT_EQ(silent.settings->verify.default_route, std::nullopt);
  EXPECT_EQ(silent.settings->verify.resource_rules, std::nullopt);
  EXPECT_EQ(load_section(R"("verify": {"resourceRules": []})").settings->verify.resource_rules,
            std::vector<std::string>{});
  EXPECT_THAT(faults(load_section(
                  R"~("verify": {"defaultRoute": "maybe", "resourceRules": ["/m/.*", "/(a)/(b)", "/(?!x)(a)"]})~")),
              ElementsAre(HasSubstr(R"(verify.defaultRoute: this takes "allow" or "deny")"),
                          HasSubstr("verify.resourceRules: a resource rule has exactly one group"),
                          HasSubstr("verify.resourceRules: a resource rule has exactly one group"),
                          HasSubstr("verify.resourceRules: the pattern can't be taken")));
}

TEST_F(Static, identity_headers_never_take_a_name_that_means_something_else) {
  const auto faults_of = [&](const std::string& name) {
    return faults(load_section(R"("verify": {"identityHeaders": {"user": ")" + name + "\"}}"));
  };
  for (const char* name : {"Content-Length",
                           "CONNECTION",
                           "Transfer-Encoding",
                           "Keep-Alive",
                           "TE",
                           "Trailer",
                           "Upgrade",
                           "Proxy-Authorization",
                           "Authorization",
                           "Api-Key",
                           "Host",
                           "Date",
                           "Cache-Control",
                           "Retry-After",
                           "WWW-Authenticate",
                           "X-Bearerd-Status",
                           "X-Bearerd-Reason",
                           "X-Bearerd-Resource",
                           "X-Request-Id",
                           "X-Original-URI",
                           "X-Forwarded-For",
                           "X-Forwarded-Host",
                           "X-Forwarded-Uri",
                           "X-Forwarded-Proto",
                           "X-Forwarded-Client-Cert",
                           "X-Envoy-Auth-Headers-To-Remove",
                           "X_User",
                           "X User",
                           "X:User"}) {
    EXPECT_THAT(faults_of(name), ElementsAre(HasSubstr("verify.identityHeaders.user: "))) << name;
  }
  for (const char* name : {"Remote-User", "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups"})
    EXPECT_THAT(faults_of(name), IsEmpty()) << name;
}

TEST_F(Static, identity_headers_have_names_that_differ) {
  EXPECT_THAT(
      faults(load_section(R"("verify": {"identityHeaders": {"user": "X-User", "email": "x-user"}})")),
      ElementsAre(HasSubstr(R"(verify.identityHeaders.email: "user" and "email" have the same name "x-user")")));
  EXPECT_THAT(faults(load_section(R"("verify": {"identityHeaders": {"user": "x-auth-request-email"}})")),
              ElementsAre(HasSubstr("verify.identityHeaders.user: \"user\" and \"email\" have the same name")));
}

TEST_F(Static, token_size_is_bounded_on_both_sides) {
  for (const char* good : {"1024", "65536"}) {
    EXPECT_THAT(faults(load_section(std::string(R"("verify": {"maxTokenBytes": )") + good + "}")), IsEmpty());
  }
  for (const char* bad : {"1023", "65537"}) {
    EXPECT_THAT(faults(load_section(std::string(R"("verify": {"maxTokenBytes": )") + bad + "}")),
                ElementsAre(HasSubstr("it takes 1024 to 65536")));
  }
}

TEST_F(Static, bad_addresses_are_told) {
  for (const char* address :
       {"example.com:80", "127.0.0.1", "::1:80", "[127.0.0.1]:80", "127.0.0.1:65536", "unix:relative", ":80"}) {
    EXPECT_EQ(faults(load_section(std::string(R"("listen": {"metrics": ")") + address + "\"}")).size(), 1U) << address;
  }
}

TEST_F(Static, a_misspelled_section_is_told_and_dial_cores_are_not) {
  EXPECT_THAT(messages(load_section(R"("lisen": {}, "redis": {}, "vertx": {}, "codeInterpreter": {})")),
              ElementsAre(HasSubstr(R"(lisen: warning: unknown section (did you mean "listen"?))")));
}

TEST_F(Static, admin_providers_need_an_audience) {
  EXPECT_THAT(faults(load_section(R"("admin": {"providers": ["b"]})")),
              ElementsAre(HasSubstr("there is no provider \"b\"")));
  EXPECT_THAT(faults(load_text(
                  R"({"identityProviders": {"a": {"issuer": "https://i.example"}}, "admin": {"providers": ["a"]}})")),
              ElementsAre(HasSubstr("needs an \"audience\"")));
}

TEST_F(Static, admin_providers_must_be_verified) {
  const std::string entry = R"({"identityProviders": {"a": {"issuer": "https://i.example", "audience": "a",
      "disableJwtVerification": true}}, "insecure": {"acceptUnverified": ["a"]})";
  EXPECT_THAT(faults(load_text(entry + "}")), IsEmpty());
  EXPECT_THAT(faults(load_text(entry + R"(, "admin": {"providers": ["a"]}})")),
              ElementsAre(HasSubstr("admin.providers: anybody can forge tokens of the provider \"a\"")));
}

TEST_F(Static, rules_are_checked) {
  EXPECT_THAT(faults(load_section(
                  R"("access": {"admin": {"rules": [{"source": "roles", "function": "REGEX", "targets": ["("]}]}})")),
              ElementsAre(HasSubstr("access.admin.rules: the pattern can't be taken")));
  EXPECT_THAT(faults(load_section(R"("access": {"admin": {"rules": [{"source": "roles", "targets": ["a"]}]}})")),
              ElementsAre(HasSubstr("a rule needs a function")));
  EXPECT_THAT(faults(load_section(R"("access": {"admin": {"rules": [{"function": "EQUAL", "targets": ["a"]}]}})")),
              ElementsAre(HasSubstr("a rule needs a source")));
}

TEST_F(Static, a_right_under_a_wrong_name_is_a_fault_and_dial_cores_keys_are_not) {
  for (const auto& [wrong, right] : {std::pair{"amdin", "admin"}, std::pair{"Observe", "observe"},
                                     std::pair{"observer", "observe"}, std::pair{"usages", "usage"}}) {
    const std::string section = R"("access": {")" + std::string(wrong) + R"(": {"rules": [{"function": "TRUE"}]}})";
    EXPECT_THAT(faults(load_section(section)),
                ElementsAre(HasSubstr("access." + std::string(wrong) +
                                      ": unknown key, so nobody has the right that it should grant (did you mean \"" +
                                      right + "\"?)")));
  }
  EXPECT_THAT(messages(load_section(R"("access": {"createCodeAppRoles": ["a"]})")), IsEmpty());
}

TEST_F(Static, an_admin_listener_over_tcp_without_a_rule_is_warned_about) {
  const std::string listen =
      R"("listen": {"admin": "127.0.0.1:9182", "adminTls": {"certificateFile": "c", "keyFile": "k"}})";
  EXPECT_THAT(messages(load_section(listen)), testing::Contains(HasSubstr("warning: nobody has a right over TCP")));
  for (const char* right : {"admin", "observe", "usage"}) {
    const std::string access = R"(, "access": {")" + std::string(right) + R"(": {"rules": [{"function": "TRUE"}]}})";
    EXPECT_THAT(messages(load_section(listen + access)), Not(testing::Contains(HasSubstr("nobody has a right"))));
  }
  EXPECT_THAT(messages(load_section(R"("listen": {"admin": "unix:/run/b.sock"})")), IsEmpty());
}

TEST_F(Static, a_reload_keeps_what_was_read_at_start_and_says_so) {
  running_ = load_section(R"("listen": {"threads": 2})").settings;
  ASSERT_NE(running_, nullptr);
  const LoadOutcome outcome =
      load_section(R"("listen": {"threads": 3}, "insecure": {"acceptUnbound": ["a"]}, "verify": {"realm": "new"})");
  ASSERT_NE(outcome.settings, nullptr);
  EXPECT_THAT(outcome.needs_restart, ElementsAre("listen.threads", "insecure.acceptUnbound"));
  EXPECT_EQ(outcome.settings->listen.threads, 2U);
  EXPECT_THAT(outcome.settings->insecure.accept_unbound, IsEmpty());
  EXPECT_EQ(outcome.settings->verify.realm, "new");
  EXPECT_NE(outcome.settings->static_digest, running_->static_digest);
}

TEST_F(Static, a_reload_cant_accept_what_was_not_accepted_at_start) {
  running_ = load_entry("a", kQuietEntry).settings;
  const LoadOutcome outcome = load_text(
      R"({"identityProviders": {"t": {"disableJwtVerification": true}}, "insecure": {"acceptUnverified": ["t"]}})");
  EXPECT_THAT(faults(outcome), ElementsAre(HasSubstr("anybody can forge a token")));
}

}  // namespace
}  // namespace bearerd::settings
