#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "one_answer.hpp"

namespace bearerd::ctl {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using tests::OneAnswer;
using TailCommandTest = tests::CommandTest;

constexpr const char* kRefused =
    R"({"decisions":[{"number":1,"at":"2026-11-26T14:31:40.000000Z","decision":"deny","reason":"no_role","provider":"keycloak",)"
    R"("user":"0123456789abcdef","project":null,"roles":[],"deployment":null,"route":"admin-ui-of-the-app","method":"GET",)"
    R"("path":"/admin/users/7","resource":null}],"next":"1","more":false,"capacity":10,"left_out":0})";
constexpr const char* kNothing = R"({"decisions":[],"next":"0","more":false,"capacity":10,"left_out":0})";

TEST_F(TailCommandTest, a_decision_is_a_line_with_its_time_in_utc) {
  OneAnswer daemon(path_, 200, kRefused);
  EXPECT_EQ(call({"tail", "--once", "--last", "5", "--reason", "no_role"}), kYes);
  EXPECT_THAT(daemon.question(), testing::StartsWith("GET /v1/decisions?limit=5&reason=no_role HTTP"));
  EXPECT_EQ(out_.str(),
            "14:31:40Z deny  no_role          keycloak   01234567 GET /admin/users/7 [route admin-ui-of-the-app]\n");
  EXPECT_EQ(err_.str(), "");
}

TEST_F(TailCommandTest, on_a_terminal_what_has_no_room_goes_on_below) {
  OneAnswer daemon(path_, 200, kRefused);
  output_.look.width = 80;
  EXPECT_EQ(call({"tail", "--once"}), kYes);
  EXPECT_EQ(out_.str(),
            "14:31:40Z deny  no_role          keycloak   01234567 GET /admin/users/7 [route\n"
            "                admin-ui-of-the-app]\n");
}

TEST_F(TailCommandTest, an_api_key_is_known_by_its_project) {
  OneAnswer daemon(
      path_, 200,
      R"({"decisions":[{"at":"2026-11-26T14:31:40.000000Z","decision":"allow","reason":"ok","provider":"api_key","user":null,)"
      R"("project":"jenkins","resource":"gpt-4"}],"next":"1","more":false,"capacity":10})");
  EXPECT_EQ(call({"tail", "--once"}), kYes);
  EXPECT_EQ(out_.str(), "14:31:40Z allow ok               api_key    jenkins  gpt-4\n");
}

TEST_F(TailCommandTest, that_there_are_no_decisions_is_said) {
  OneAnswer daemon(path_, 200, kNothing);
  EXPECT_EQ(call({"tail", "--once"}), kYes);
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(err_.str(), "bearerctl: no decisions yet\n");
  err_.str({});
  OneAnswer again(path_, 200, kNothing);
  EXPECT_EQ(call({"tail", "--once", "--decision", "error"}), kYes);
  EXPECT_EQ(err_.str(), "bearerctl: no such decisions yet\n");
}

TEST_F(TailCommandTest, where_none_are_kept_it_says_what_to_write) {
  OneAnswer daemon(path_, 200, R"({"decisions":[],"next":"0","more":false,"capacity":0,"left_out":0})");
  EXPECT_EQ(call({"tail", "--once"}), kTrouble);
  EXPECT_THAT(err_.str(), testing::AllOf(HasSubstr(R"("recentDecisions": 10000} in the static settings)"),
                                         HasSubstr("without a restart")));
}

TEST_F(TailCommandTest, the_file_to_write_to_is_that_of_the_status) {
  OneAnswer daemon(path_, 200, R"({"files":["/etc/bearerd/settings.json","/etc/bearerd/config.json"]})");
  EXPECT_THAT(how_to_keep_decisions(path_), HasSubstr("in /etc/bearerd/settings.json keeps them"));
}

TEST_F(TailCommandTest, an_unknown_provider_is_a_no_with_the_names_that_there_are) {
  OneAnswer daemon(path_, 422,
                   R"({"title":"t","status":422,"code":"unknown_provider","detail":"there are: demo, okta"})");
  EXPECT_EQ(call({"tail", "--provider", "alice"}), kNo);
  EXPECT_EQ(err_.str(), "bearerctl: there is no provider alice; there are: demo, okta\n");
}

TEST_F(TailCommandTest, what_can_not_be_meant_asks_nobody) {
  for (const char* count : {"0", "201", "x"}) {
    err_.str({});
    EXPECT_EQ(call({"tail", "--last", count}), kTrouble);
    EXPECT_EQ(err_.str(), "bearerctl: --last takes a number from 1 to 200\n");
  }
  EXPECT_EQ(call({"tail", "--provider", "a&b"}), kTrouble);
  err_.str({});
  EXPECT_EQ(call({"tail", "--reason", "adress"}), kTrouble);
  EXPECT_THAT(err_.str(), HasSubstr("--reason takes no adress; did you mean address_not_allowed?"));
  EXPECT_THAT(err_.str(), EndsWith("Try: bearerctl tail --help\n"));
  err_.str({});
  EXPECT_EQ(call({"tail", "--decision", "x"}), kTrouble);
  EXPECT_THAT(err_.str(), HasSubstr("--decision takes no x; it is one of allow, deny, error\n"));
}

}  // namespace
}  // namespace bearerd::ctl
