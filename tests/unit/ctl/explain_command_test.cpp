#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

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
  int explain(const std::string& credential, const std::vector<std::string_view>& options = {}) {
    const std::string file = directory_ + "/credential";
    std::ofstream(file) << credential;
    std::vector<std::string_view> words{"explain", file};
    words.insert(words.end(), options.begin(), options.end());
    return call(words);
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
  EXPECT_EQ(explain("a.b.c\n", {"--details"}), kNo);
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
  EXPECT_EQ(explain("Bearer \n"), kTrouble);
  EXPECT_EQ(explain("\n", {"--api-key"}), kTrouble);
  EXPECT_EQ(explain(std::string(100'000, 'a')), kTrouble);
  EXPECT_THAT(err_.str(), HasSubstr("longer than any token"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("is bearerd running?")));
}

TEST_F(ExplainCommandTest, what_is_pasted_with_a_token_is_left_out_and_a_key_is_asked_about_as_it_stands) {
  const auto asked = [&](const std::string& credential, const std::vector<std::string_view>& options) {
    tests::OneAnswer daemon(path_, 200, R"({"decision":"allow","reason":"ok","steps":[]})");
    EXPECT_EQ(explain(credential, options), kYes);
    return daemon.question();
  };
  EXPECT_THAT(asked(" Bearer a.b.c\r\n", {}), HasSubstr(R"("token":"a.b.c")"));
  EXPECT_THAT(asked("bearer  a.b.c ", {}), HasSubstr(R"("token":"a.b.c")"));
  EXPECT_THAT(asked("bearerless", {}), HasSubstr(R"("token":"bearerless")"));
  EXPECT_THAT(asked("Bearer x\n", {"--api-key"}), HasSubstr(R"("api_key":"Bearer x")"));
}

TEST_F(ExplainCommandTest, a_file_that_can_not_be_read_is_named_with_the_reason) {
  EXPECT_EQ(call({"explain", directory_ + "/none"}), kTrouble);
  EXPECT_EQ(err_.str(), "bearerctl: cannot read " + directory_ + "/none: No such file or directory\n");
  err_.str({});
  EXPECT_EQ(call({"explain", directory_}), kTrouble);
  EXPECT_EQ(err_.str(), "bearerctl: cannot read " + directory_ + ": Is a directory\n");
}

TEST_F(ExplainCommandTest, a_token_among_the_arguments_is_not_taken_and_not_repeated) {
  EXPECT_EQ(call({"explain", "eyJhbGciOiJub25lIn0.e30."}), kTrouble);
  EXPECT_THAT(err_.str(), HasSubstr("list of processes"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("eyJ")));
}

}  // namespace
}  // namespace bearerd::ctl
