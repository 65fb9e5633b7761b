#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "ctl/commands.hpp"
#include "one_answer.hpp"

namespace bearerd::ctl {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kRefused =
    R"({"decision":"deny","reason":"expired","retry_after":null,"statuses":{"verify":401,"nginx":401},"provider":"demo",)"
    R"("steps":[{"check":"shape","outcome":"passed","why":"a token","details":["hidden"]},)"
    R"({"check":"expiry","outcome":"failed","why":"exp is long ago","details":["shown"]},)"
    R"({"check":"audience","outcome":"not_reached","why":null,"details":[]}]})";

class ExplainCommandTest : public tests::CommandTest {
 protected:
  int explain(const std::string& credential, CommandLine line = {}) {
    line.socket = path_;
    std::istringstream in(credential);
    return explain_credential(in, line, output_);
  }
};

TEST_F(ExplainCommandTest, a_refusal_shows_the_check_that_failed) {
  tests::OneAnswer daemon(path_, 200, kRefused);
  EXPECT_EQ(explain("a.b.c\n"), kNo);
  EXPECT_THAT(daemon.question(), HasSubstr(R"("token":"a.b.c")"));
  EXPECT_THAT(out_.str(), HasSubstr("✓ shape            a token\n"));
  EXPECT_THAT(out_.str(), HasSubstr("✗ expiry           exp is long ago\n"));
  EXPECT_THAT(out_.str(), HasSubstr("· shown\n"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("hidden")));
  EXPECT_THAT(out_.str(), Not(HasSubstr("not reached")));
  EXPECT_THAT(out_.str(), HasSubstr("deny: expired (401)\n"));
}

TEST_F(ExplainCommandTest, details_show_what_was_not_reached_and_statuses_that_differ_are_told_apart) {
  std::string answer = kRefused;
  answer.replace(answer.find("401"), 3, "403");
  tests::OneAnswer daemon(path_, 200, answer);
  CommandLine line;
  line.options.emplace("details", "");
  EXPECT_EQ(explain("a.b.c\n", line), kNo);
  EXPECT_THAT(out_.str(), HasSubstr("not reached: audience\n"));
  EXPECT_THAT(out_.str(), testing::ContainsRegex("deny: expired .nginx 40[13], verify 40[13].\n"));
}

TEST_F(ExplainCommandTest, an_allow_is_yes_and_what_could_not_be_decided_is_trouble) {
  {
    tests::OneAnswer daemon(path_, 200, R"({"decision":"allow","reason":"ok","steps":[]})");
    EXPECT_EQ(explain("a.b.c"), kYes);
  }
  tests::OneAnswer daemon(path_, 200,
                          R"({"decision":"error","reason":"provider_unavailable","retry_after":3,"steps":[]})");
  EXPECT_EQ(explain("a.b.c"), kTrouble);
  EXPECT_THAT(out_.str(), HasSubstr("ask again in 3 s"));
}

TEST_F(ExplainCommandTest, lines_are_broken_where_the_terminal_ends) {
  tests::OneAnswer daemon(path_, 200,
                          R"({"decision":"allow","reason":"ok","steps":[{"check":"shape","outcome":"passed",)"
                          R"("why":"one two three four five six seven eight nine ten","details":[]}]})");
  output_.look.width = 50;
  EXPECT_EQ(explain("a.b.c"), kYes);
  EXPECT_THAT(out_.str(), HasSubstr("one two three four five six\n                   seven eight nine ten\n"));
}

TEST_F(ExplainCommandTest, nothing_and_too_much_are_no_credential) {
  EXPECT_EQ(explain("\n"), kTrouble);
  EXPECT_EQ(explain(std::string(100'000, 'a')), kTrouble);
}

TEST_F(ExplainCommandTest, a_token_among_the_arguments_is_not_taken_and_not_repeated) {
  EXPECT_EQ(call({"explain", "eyJhbGciOiJub25lIn0.e30."}), kTrouble);
  EXPECT_THAT(err_.str(), HasSubstr("list of processes"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("eyJ")));
}

}  // namespace
}  // namespace bearerd::ctl
