#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Poco/JSON/Parser.h>

#include <sstream>

#include "base/text.hpp"

#include "ctl/commands.hpp"
#include "ctl/integrate/embedded_files.hpp"
#include "ctl/integrate/snippet.hpp"

namespace bearerd::ctl {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

SnippetPlace place(const std::string& verify) {
  SnippetPlace place;
  place.verify = *parse_proxy_address(verify);
  place.application = *parse_proxy_address("app.example:9000");
  place.port = "8443";
  return place;
}

std::string all_text(const std::vector<SnippetFile>& files) {
  std::string text;
  for (const SnippetFile& file : files) text += file.text;
  return text;
}

TEST(Integrate, every_shipped_file_belongs_to_a_proxy_and_has_its_text) {
  for (const EmbeddedFile& file : embedded_files()) {
    EXPECT_THAT(file.text, Not(IsEmpty())) << file.name;
    EXPECT_THAT(proxy_names(), testing::Contains(file.name.substr(0, file.name.find('/'))));
  }
}

TEST(Integrate, no_address_of_the_shipped_units_is_left_when_others_are_given) {
  for (const std::string_view proxy : proxy_names()) {
    const auto files = build_snippet(proxy, place("192.0.2.1:7000"), "");
    ASSERT_TRUE(files) << proxy;
    EXPECT_THAT(all_text(*files), AllOf(HasSubstr("192.0.2.1"), HasSubstr("7000"))) << proxy;
    // In a comment they may stand as an example.
    std::istringstream lines(all_text(*files));
    for (std::string line; std::getline(lines, line);) {
      line = line.substr(0, line.find('#'));
      EXPECT_THAT(line, AllOf(Not(HasSubstr("9180")), Not(HasSubstr("verify.sock")), Not(HasSubstr("8080")))) << proxy;
    }
  }
}

TEST(Integrate, a_socket_is_for_those_that_can_use_one) {
  for (const std::string_view proxy : proxy_names()) {
    const auto files = build_snippet(proxy, place("unix:/srv/b.sock"), "");
    ASSERT_EQ(files.has_value(), can_ask_over_unix(proxy)) << proxy;
    if (files) {
      EXPECT_THAT(all_text(*files), HasSubstr("/srv/b.sock"));
    } else {
      EXPECT_THAT(files.error().text, HasSubstr("listen.verify"));
    }
  }
}

TEST(Integrate, what_a_proxy_includes_is_one_file_unless_it_can_not_hold_it) {
  const auto count = [](std::string_view proxy) { return build_snippet(proxy, {}, "")->size(); };
  EXPECT_EQ(count("nginx"), 1U);
  EXPECT_EQ(count("caddy"), 1U);
  EXPECT_EQ(count("haproxy"), 2U);
  EXPECT_THAT(all_text(*build_snippet("nginx", {}, "")), Not(HasSubstr("include /etc/bearerd")));
  const auto files = build_snippet("nginx", {}, "/srv/nginx");
  ASSERT_EQ(files->size(), 4U);
  EXPECT_EQ(files->front().path, "/srv/nginx/bearerd-upstream.conf");
  EXPECT_THAT(files->back().text,
              AllOf(HasSubstr("include /srv/nginx/bearerd-server.conf;"), Not(HasSubstr("/etc/bearerd"))));
}

TEST(Integrate, nothing_but_an_address_gets_into_the_configuration_of_another_program) {
  for (const char* good : {"unix:/run/b.sock", "127.0.0.1:1", "[::1]:9180", "proxy-1.example:65535"})
    EXPECT_TRUE(parse_proxy_address(good)) << good;
  for (const char* bad : {"", "unix:", "unix:relative", "unix:/a;b", "unix:/a b", "unix:/a\nb", "host", "host:0",
                          "host:65536", "ho st:1", "a;b:1", ":1", "[]:1", "::1:80", "h{path}:1", "host:1;"})
    EXPECT_FALSE(parse_proxy_address(bad)) << bad;
}

TEST(Integrate, renamed_headers_are_deleted_and_set_under_their_names) {
  SnippetPlace renamed;
  renamed.renamed = {{"X-Auth-Request-User", "X-My-User"}, {"X-Bearerd-Caller", "X-Auth-Request-User"}};
  for (const std::string_view proxy : proxy_names()) {
    const std::string text = all_text(*build_snippet(proxy, renamed, ""));
    EXPECT_THAT(base::to_lower(text), AllOf(HasSubstr("x-my-user"), HasSubstr("x-auth-request-user-key"))) << proxy;
    EXPECT_THAT(base::to_lower(text), Not(HasSubstr("x-bearerd-caller"))) << proxy;
  }
  const std::string nginx = all_text(*build_snippet("nginx", renamed, ""));
  EXPECT_THAT(nginx, AllOf(HasSubstr("auth_request_set $bearerd_user $upstream_http_x_my_user;"),
                           HasSubstr("proxy_set_header X-My-User $bearerd_user;"),
                           HasSubstr("proxy_set_header X-My-User \"\";"),
                           HasSubstr("auth_request_set $bearerd_caller $upstream_http_x_auth_request_user;")));
  // Applications read '-' and '_' as one.
  const std::string caddy = all_text(*build_snippet("caddy", renamed, ""));
  for (const char* spelling : {"X-My-User", "X_My-User", "X-My_User", "X_My_User", "X_Auth_Request_User"})
    EXPECT_THAT(caddy, HasSubstr("request_header -" + std::string(spelling) + "\n"));
}

TEST(Integrate, names_come_from_the_settings_in_force) {
  const auto names = [](const std::string& json) {
    return renamed_headers(*Poco::JSON::Parser().parse(json).extract<Poco::JSON::Object::Ptr>());
  };
  const auto two = names(R"({"verify": {"identityHeaders": {"user": "Remote-User", "userKey": "X-Auth-Request-User-Key",
      "groupsOmitted": "No-Groups"}}})");
  ASSERT_EQ(two->size(), 2U);
  EXPECT_EQ(two->front().shipped, "X-Auth-Request-User");
  EXPECT_EQ(two->back().now, "No-Groups");
  EXPECT_FALSE(names(R"({"verify": {"identityHeaders": {"user": "X-$host"}}})"));
  EXPECT_FALSE(names("{}"));
}

TEST(Integrate, command_says_what_it_took_when_no_daemon_answers) {
  std::ostringstream out, err;
  Output output{out, err, {}};
  const auto call = [&](std::vector<std::string_view> words) {
    out.str({});
    err.str({});
    return run(words, "/nowhere/admin.sock", output);
  };
  EXPECT_EQ(call({"integrate", "nginx"}), kYes);
  EXPECT_THAT(out.str(), HasSubstr("unix:/run/bearerd/verify.sock"));
  EXPECT_THAT(err.str(), HasSubstr("/nowhere/admin.sock"));
  EXPECT_EQ(call({"integrate", "nginx", "--verify", "unix:/x"}), kYes);
  EXPECT_THAT(err.str(), HasSubstr("verify.identityHeaders")) << "only the daemon knows their names";
  for (const auto& words : {std::vector<std::string_view>{"integrate"},
                            {"integrate", "squid"},
                            {"integrate", "nginx", "--verify", "nowhere"},
                            {"integrate", "nginx", "--port", "0"},
                            {"integrate", "nginx", "--directory", "/no/such/folder"},
                            {"integrate", "nginx", "--directory", "relative"}}) {
    EXPECT_EQ(call(words), kTrouble);
    EXPECT_THAT(out.str(), IsEmpty());
  }
}

}  // namespace
}  // namespace bearerd::ctl
