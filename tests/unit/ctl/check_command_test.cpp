#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "ctl/commands.hpp"
#include "one_answer.hpp"

namespace bearerd::ctl {
namespace {

using testing::HasSubstr;

constexpr const char* kChanged =
    R"({"result":"good","problems":[],"needs_restart":[],"comparison":{"compared":812,"unjudged":3,"unjudged_by":{"claim_not_kept":3},)"
    R"("first":"2026-11-26T14:02:11.000000Z","last":"2026-11-26T14:31:40.000000Z","changed":14,"allow_to_deny":12,"deny_to_allow":2,)"
    R"("other_reason":0,"changes_left_out":0,"changes":[{"count":12,"users":3,"before":{"decision":"allow","reason":"ok"},)"
    R"("after":{"decision":"deny","reason":"no_role"},"provider":"keycloak","deployment":null,"route":"admin-ui","roles":["dev","ops"],)"
    R"("last":{"at":"2026-11-26T14:31:40.000000Z","method":"GET","path":"/admin/x","resource":null}}]}})";

using CheckCommandTest = tests::CommandTest;

TEST_F(CheckCommandTest, a_candidate_is_sent_with_its_path_and_what_would_change_is_a_table) {
  const std::string file = directory_ + "/new.json";
  std::ofstream(file) << "{ \"a\": 1 }";
  tests::OneAnswer daemon(path_, 200, kChanged);
  EXPECT_EQ(call({"check", file, "--for", "/etc/bearerd/config.json", "--against-recent"}), kNo);
  EXPECT_THAT(daemon.question(), HasSubstr(R"("against_recent":true)"));
  EXPECT_THAT(daemon.question(), HasSubstr(R"({ \"a\": 1 })"));
  EXPECT_THAT(out_.str(), HasSubstr("14 decisions would change: 12 allows to deny, 2 denies to allow\n"));
  EXPECT_THAT(out_.str(),
              HasSubstr("12     3      allow  deny no_role  route admin-ui  keycloak  dev,ops  14:31:40 GET /admin/x"));
  EXPECT_THAT(out_.str(), HasSubstr("compared 812 decisions, 14:02:11 to 14:31:40 UTC\n"));
  EXPECT_THAT(out_.str(), HasSubstr("3 decisions could not be judged:\n  3: they hang on a claim"));
}

TEST_F(CheckCommandTest, nothing_to_compare_with_is_trouble) {
  tests::OneAnswer daemon(
      path_, 200, R"({"result":"good","problems":[],"needs_restart":[],"comparison":{"compared":0,"unjudged":0}})");
  EXPECT_EQ(call({"check", "--against-recent"}), kTrouble);
  EXPECT_THAT(err_.str(), HasSubstr("recentDecisions"));
}

TEST_F(CheckCommandTest, where_nothing_could_be_judged_nothing_is_good) {
  tests::OneAnswer daemon(
      path_, 200,
      R"({"result":"good","problems":[],"needs_restart":[],"comparison":{"compared":0,"unjudged":7,)"
      R"("unjudged_by":{"provider_differs":7},"changed":0,"changes":[]}})");
  output_.look.has_colours = true;
  EXPECT_EQ(call({"check", "--against-recent"}), kTrouble);
  EXPECT_THAT(out_.str(), testing::Not(HasSubstr("no decision would change")));
  EXPECT_THAT(out_.str(), HasSubstr("\x1b[33mwhether decisions would change is not known"));
  EXPECT_THAT(out_.str(), HasSubstr("7 decisions could not be judged"));
}

TEST_F(CheckCommandTest, faults_are_printed_and_no) {
  tests::OneAnswer daemon(
      path_, 200,
      R"({"result":"faulty","problems":[{"display":"/x.json:3:7: verify: no"}],"needs_restart":[],"comparison":null})");
  EXPECT_EQ(call({"check"}), kNo);
  EXPECT_EQ(err_.str(), "/x.json:3:7: verify: no\n");
}

TEST_F(CheckCommandTest, a_fault_is_said_to_be_in_the_file_that_was_given) {
  const std::string file = directory_ + "/new.json";
  std::ofstream(file) << "{}";
  tests::OneAnswer daemon(path_, 200,
                          R"({"result":"faulty","problems":[{"display":"/etc/bearerd/config.json:3:7: roles: no"},)"
                          R"({"display":"/etc/bearerd/config.json.d:3:7: roles: no"}],"comparison":null})");
  EXPECT_EQ(call({"check", file, "--for", "/etc/bearerd/../bearerd/config.json"}), kNo);
  EXPECT_EQ(err_.str(), file + ":3:7: roles: no\n/etc/bearerd/config.json.d:3:7: roles: no\n");
}

constexpr const char* kUnread =
    R"({"result":"faulty","problems":[{"display":"/x.json: in whatever words"}],"needs_restart":[],)"
    R"("unread_files":["/x.json"],"partial":false,"comparison":null})";

TEST_F(CheckCommandTest, of_a_file_that_the_settings_do_not_read_nothing_is_known) {
  const std::string file = directory_ + "/new.json";
  std::ofstream(file) << "{}";
  {
    tests::OneAnswer daemon(path_, 200, kUnread);
    EXPECT_EQ(call({"check", file, "--for", "/x.json"}), kTrouble);
    EXPECT_EQ(out_.str(), "");
    EXPECT_EQ(err_.str(), "/x.json: in whatever words\n");
  }
  tests::OneAnswer daemon(path_, 200, kUnread);
  EXPECT_EQ(call({"check", file, "--for", "/x.json", "--json"}), kTrouble);
  EXPECT_EQ(out_.str(), std::string(kUnread) + "\n");
}

TEST_F(CheckCommandTest, who_gives_a_part_of_the_settings_is_told_how_to_have_it_tried) {
  const std::string file = directory_ + "/new.json";
  std::ofstream(file) << "{}";
  const auto check = [&](const char* is_partial, const std::vector<std::string_view>& words) {
    err_.str({});
    tests::OneAnswer daemon(path_, 200,
                            R"({"result":"faulty","problems":[{"display":"there is no \"identityProviders\""}],)"
                            R"("unread_files":[],"partial":)" +
                                std::string(is_partial) + "}");
    EXPECT_EQ(call(words), kNo);
    return err_.str();
  };
  EXPECT_THAT(check("true", {"check", file}), HasSubstr("--for PATH"));
  EXPECT_THAT(check("false", {"check", file}), testing::Not(HasSubstr("--for PATH")));
  EXPECT_THAT(check("true", {"check", file, "--for", "/x.json"}), testing::Not(HasSubstr("--for PATH")));
  EXPECT_THAT(check("true", {"check"}), testing::Not(HasSubstr("--for PATH")));
}

TEST_F(CheckCommandTest, what_could_not_be_judged_and_what_is_mended_already_is_told_apart) {
  tests::OneAnswer daemon(
      path_, 200,
      R"({"result":"good","problems":[{"display":"/x:1:1: a: warning: b"}],"comparison":{"compared":3,"unjudged":7,)"
      R"("unjudged_by":{"provider_differs":7},"changed":0,"already_changed":2,"changes":[]}})");
  EXPECT_EQ(call({"check", "--against-recent"}), kTrouble) << "a script would apply what locks the seven out";
  EXPECT_THAT(err_.str(), HasSubstr("of 7 recent decisions nobody knows whether they would change"));
  EXPECT_THAT(out_.str(), HasSubstr("the settings are good, with 1 warning\n"));
  EXPECT_THAT(out_.str(), HasSubstr("no decision of the 3 that can be judged would change\n"));
  EXPECT_THAT(out_.str(), HasSubstr("2 of them are answered otherwise by now"));
}

TEST_F(CheckCommandTest, a_file_that_is_not_there_is_trouble_before_anybody_is_asked) {
  EXPECT_EQ(call({"check", directory_ + "/none.json"}), kTrouble);
  EXPECT_THAT(err_.str(), HasSubstr("none.json"));
  EXPECT_EQ(call({"check", "--for", "/x"}), kTrouble);
}

}  // namespace
}  // namespace bearerd::ctl
