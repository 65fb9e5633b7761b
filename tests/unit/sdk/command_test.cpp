#include "sdk/check/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/temporary_directory.hpp"

namespace bearerd::check {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class PluginCheckCommand : public ::testing::Test {
 protected:
  int run_with(const std::vector<std::string_view>& words) {
    out_.str("");
    err_.str("");
    return run(words, out_, err_, {});
  }
  std::string file(const std::string& name, const std::string& text) const {
    const std::string path = directory_.path() + "/" + name;
    std::ofstream(path) << text;
    return path;
  }
  const base::TemporaryDirectory directory_{"bearerd-test"};
  const std::string good_ = BEARERD_TEST_PLUGINS "/well-behaved.so", bad_ = BEARERD_TEST_PLUGINS "/zero-verdict.so";
  std::ostringstream out_, err_;
};

TEST_F(PluginCheckCommand, good_plugin_is_a_table_and_status_0) {
  const std::string settings = file("entry.json", R"({"issuer": "https://issuer.example/", "audience": "orders"})");
  const std::string claims = file("claims.json", R"({"sub": "alice"})");
  EXPECT_EQ(run_with({good_, "--settings", settings, "--claims", claims, "--timeout", "100"}), kExitPassed)
      << out_.str();
  EXPECT_THAT(out_.str(), StartsWith("check "));
  // Under a sanitizer memory can't be measured.
  EXPECT_THAT(out_.str(), AnyOf(HasSubstr("well-behaved: 13 passed, 0 failed, 0 skipped"),
                                HasSubstr("well-behaved: 12 passed, 0 failed, 1 skipped")));
  EXPECT_EQ(err_.str(), "");
}

TEST_F(PluginCheckCommand, bad_plugin_is_status_1_and_json_says_why) {
  EXPECT_EQ(run_with({bad_, "--json", "--only", "verdicts", "--timeout", "100"}), kExitFailed);
  EXPECT_THAT(out_.str(),
              StartsWith(R"({"plugin":"zero-verdict","passed":false,"checks":[{"name":"loading","outcome":"passed")"));
  EXPECT_THAT(
      out_.str(),
      HasSubstr(R"({"name":"verdicts","outcome":"failed","detail":"check() answered 0, which is no verdict"})"));
}

TEST_F(PluginCheckCommand, trouble_is_status_2_and_says_what_it_is) {
  EXPECT_EQ(run_with({}), kExitTrouble);
  EXPECT_THAT(err_.str(), HasSubstr("which plugin?"));
  EXPECT_EQ(run_with({good_, "--nonsense"}), kExitTrouble);
  EXPECT_THAT(err_.str(), HasSubstr("unknown option --nonsense"));
  EXPECT_EQ(run_with({good_, good_}), kExitTrouble);
  EXPECT_EQ(run_with({good_, "--settings"}), kExitTrouble);
  EXPECT_EQ(run_with({good_, "--timeout", "0"}), kExitTrouble);
  EXPECT_EQ(run_with({good_, "--timeout", "x"}), kExitTrouble);
  EXPECT_EQ(run_with({good_, "--only", "everything"}), kExitTrouble);
  EXPECT_THAT(err_.str(), HasSubstr("there is no check everything"));
  EXPECT_EQ(run_with({"/nonexistent/x.so"}), kExitTrouble);
  EXPECT_THAT(err_.str(), HasSubstr("no such file"));
  EXPECT_EQ(run_with({"/etc/passwd"}), kExitTrouble);
  EXPECT_EQ(run_with({good_, "--claims", "/nonexistent"}), kExitTrouble);
}

TEST_F(PluginCheckCommand, help_and_version_need_no_plugin) {
  EXPECT_EQ(run_with({"--help"}), kExitPassed);
  EXPECT_THAT(out_.str(), HasSubstr("--settings FILE"));
  EXPECT_EQ(run_with({"--version"}), kExitPassed);
  EXPECT_THAT(out_.str(), HasSubstr("plugin ABI 1."));
}

}  // namespace
}  // namespace bearerd::check
