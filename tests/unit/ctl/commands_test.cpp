#include "ctl/commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "one_answer.hpp"

namespace bearerd::ctl {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using tests::OneAnswer;
using CommandsTest = tests::CommandTest;

const std::string kHandle(43, 'A');

constexpr const char* kStatus =
    R"({"version":"0.1.0","revision":"abc","pid":42,"started_at":"2025-11-22T17:24:13.000000Z","uptime_seconds":11540,"ready":true,)"
    R"("generations":{"static":3,"dynamic":2},"last_reload":null,"providers":[{"name":"auth0","plugin":"auth0","plugin_version":"1.0.0",)"
    R"("readiness":"ready","optional":false,"keys":2,"stale":false,"last_success":"2025-11-22T17:24:13.000000Z","last_error":null},)"
    R"({"name":"okta","plugin":"okta","plugin_version":"1.0.0","readiness":"failed","optional":true,"keys":0,"stale":false,)"
    R"("last_success":null,"last_error":"connection refused"}],"listeners":["verify 127.0.0.1:9180"],"cached_verdicts":7,)"
    R"("dropped_log_lines":0,"warnings":["auth0 checks no audience"]})";

TEST_F(CommandsTest, status_shows_what_matters_and_answers_yes_when_ready) {
  OneAnswer daemon(path_, 200, kStatus);
  EXPECT_EQ(call({"status"}), kYes);
  EXPECT_THAT(daemon.question(), testing::StartsWith("GET /v1/status HTTP/1.1\r\n"));
  EXPECT_THAT(out_.str(), HasSubstr("0.1.0 (abc), pid 42, up 3 h 12 min\n"));
  EXPECT_THAT(out_.str(), HasSubstr("generation 3 static, 2 dynamic\n"));
  EXPECT_THAT(out_.str(), HasSubstr("okta      okta 1.0.0   failed  0     never"));
  EXPECT_THAT(out_.str(), HasSubstr("optional; connection refused\n"));
  EXPECT_THAT(out_.str(), HasSubstr("warning: auth0 checks no audience\n"));
  EXPECT_THAT(err_.str(), IsEmpty());
}

TEST_F(CommandsTest, status_names_the_files_that_are_read) {
  {
    OneAnswer daemon(path_, 200, R"({"ready":true,"files":["/e/settings.json","/e/key","/e/config.json"]})");
    EXPECT_EQ(call({"status"}), kYes);
    EXPECT_THAT(out_.str(), HasSubstr("files      /e/settings.json, /e/key, /e/config.json\n"));
  }
  out_.str({});
  OneAnswer daemon(path_, 200, R"({"ready":true,"files":["s","1","2","3","4","5","6","7","8","d"]})");
  EXPECT_EQ(call({"status"}), kYes);
  EXPECT_THAT(out_.str(), HasSubstr("files      s, 1, 2, 3, … 2 more …, 6, 7, 8, d\n"));
}

TEST_F(CommandsTest, status_answers_no_when_not_ready) {
  OneAnswer daemon(path_, 200, R"({"ready":false,"version":"0.1.0"})");
  EXPECT_EQ(call({"status"}), kNo);
  EXPECT_THAT(out_.str(), HasSubstr("not ready"));
}

TEST_F(CommandsTest, json_is_what_the_daemon_sent) {
  OneAnswer daemon(path_, 200, kStatus);
  EXPECT_EQ(call({"--json", "status"}), kYes);
  EXPECT_EQ(out_.str(), std::string(kStatus) + "\n");
}

TEST_F(CommandsTest, reload_says_which_generation_is_served) {
  OneAnswer daemon(
      path_, 200,
      R"({"result":"applied","generations":{"static":4,"dynamic":2},"problems":[],"needs_restart":["listen.verify"]})");
  EXPECT_EQ(call({"reload"}), kYes);
  EXPECT_THAT(daemon.question(), testing::StartsWith("POST /v1/reload HTTP/1.1\r\n"));
  EXPECT_EQ(out_.str(), "the new settings are served (generation 4 static, 2 dynamic)\n");
  EXPECT_THAT(err_.str(), HasSubstr("listen.verify: changed, but read at start only"));
}

TEST_F(CommandsTest, a_refused_reload_prints_every_problem_and_answers_no) {
  OneAnswer daemon(
      path_, 422,
      R"({"title":"t","status":422,"problems":[{"display":"/e/s.json:3:7: verify.waitMs: must be a number"},{"display":"/e/s.json:9:1: log: warning: odd"}]})");
  EXPECT_EQ(call({"reload"}), kNo);
  EXPECT_THAT(out_.str(), IsEmpty());
  EXPECT_THAT(err_.str(), testing::StartsWith(
                              "/e/s.json:3:7: verify.waitMs: must be a number\n/e/s.json:9:1: log: warning: odd\n"));
}

TEST_F(CommandsTest, faults_are_told_after_the_warnings_and_counted_apart) {
  const std::string problems =
      R"("problems":[{"severity":"fault","display":"a:7:60: broken"},{"severity":"warning","display":"a:1:1: odd"}])";
  OneAnswer daemon(path_, 422, R"({"result":"refused",)" + problems + "}");
  EXPECT_EQ(call({"reload"}), kNo);
  EXPECT_THAT(err_.str(), testing::StartsWith("a:1:1: odd\na:7:60: broken\n"));
  OneAnswer again(path_, 200, R"({"reloads":[{"result":"refused",)" + problems + "}]}");
  EXPECT_EQ(call({"reloads"}), kYes);
  EXPECT_THAT(out_.str(), testing::HasSubstr("a:7:60: broken (of 1 fault, 1 warning)"));
}

TEST_F(CommandsTest, reloads_name_the_fault_that_a_reload_prints_first_and_its_place_whole) {
  OneAnswer daemon(
      path_, 200,
      R"({"reloads":[{"at":"2026-11-26T14:31:40.000000Z","cause":"file","result":"refused","problems":[)"
      R"({"severity":"fault","display":"/etc/bearerd/settings.json:31:23: first"},{"severity":"fault","display":"b"}]}]})");
  output_.look.width = 80;
  EXPECT_EQ(call({"reloads"}), kYes);
  EXPECT_THAT(out_.str(), HasSubstr("\n    /etc/bearerd/settings.json:31:23: first (of 2 faults)\n"));
}

TEST_F(CommandsTest, a_bad_line_names_the_help_of_its_command) {
  EXPECT_EQ(call({"explain", "--modl", "x"}), kTrouble);
  EXPECT_THAT(err_.str(), testing::EndsWith("Try: bearerctl explain --help\n"));
  EXPECT_EQ(call({"token", "sign", "--x"}), kTrouble);
  EXPECT_THAT(err_.str(), testing::EndsWith("Try: bearerctl token sign --help\n"));
}

TEST_F(CommandsTest, a_refusal_for_want_of_rights_names_the_groups) {
  OneAnswer daemon(path_, 403, R"({"title":"this caller may not do this","status":403})");
  EXPECT_EQ(call({"reload"}), kTrouble);
  EXPECT_THAT(err_.str(), testing::AllOf(HasSubstr("may not"), HasSubstr("bearerd-admin")));
}

TEST_F(CommandsTest, no_socket_is_trouble_that_says_where_it_looked) {
  EXPECT_EQ(call({"status"}), kTrouble);
  EXPECT_THAT(err_.str(), testing::AllOf(HasSubstr(path_), HasSubstr("is bearerd running?")));
}

TEST_F(CommandsTest, an_answer_that_is_no_json_is_trouble) {
  OneAnswer daemon(path_, 200, "<html>");
  EXPECT_EQ(call({"status"}), kTrouble);
  EXPECT_THAT(err_.str(), HasSubstr("did not answer as it should"));
}

TEST_F(CommandsTest, usage_shows_what_is_used_or_limited) {
  const std::string caller(43, 'A');
  OneAnswer daemon(
      path_, 200,
      R"({"usage":[{"caller":")" + caller +
          R"(","deployment":"gpt-4","windows":{)"
          R"("tokens_minute":{"used":40,"limit":100,"left":60},"tokens_day":{"used":0,"limit":null,"left":null}}},)"
          R"({"caller":")" +
          caller +
          R"(","deployment":null,"windows":{"cost_day":{"used":0.5,"limit":0.5,"left":0}}}],)"
          R"("next":null})");
  EXPECT_EQ(call({"usage", caller}), kYes);
  EXPECT_THAT(daemon.question(), testing::StartsWith("GET /v1/usage?caller=" + caller + " HTTP/1.1\r\n"));
  EXPECT_THAT(out_.str(), HasSubstr(caller + "  gpt-4       tokens_minute  40    100    60\n"));
  EXPECT_THAT(out_.str(), HasSubstr(caller + "  (all)       cost_day       0.5   0.5    0\n"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("tokens_day")));
}

TEST_F(CommandsTest, usage_on_a_terminal_has_room_for_its_numbers) {
  OneAnswer daemon(path_, 200,
                   R"({"usage":[{"caller":")" + kHandle +
                       R"(","deployment":"gpt-4","windows":{"tokens_minute":{"used":1,"limit":100000,"left":99999}}}],)"
                       R"("next":null})");
  output_.look.width = 70;
  EXPECT_EQ(call({"usage"}), kYes);
  EXPECT_EQ(out_.str(),
            "CALLER                  DEPLOYMENT  WINDOW         USED  LIMIT   LEFT\n"
            "AAAAAAAAAAAAAAAAAAAAA…  gpt-4       tokens_minute  1     100000  99999\n");
}

TEST_F(CommandsTest, usage_of_what_is_no_caller_asks_nobody) {
  EXPECT_EQ(call({"usage", "alice&limit=1"}), kTrouble);
  EXPECT_THAT(err_.str(), HasSubstr("X-Bearerd-Caller"));
  EXPECT_EQ(call({"usage", "a", "b"}), kTrouble);
}

TEST_F(CommandsTest, key_hash_prints_what_the_settings_may_hold_in_the_place_of_a_key) {
  for (const char* line : {"proxyKey1\n", "proxyKey1", "proxyKey1\r\n"}) {
    out_.str({});
    std::istringstream in(line);
    EXPECT_EQ(hash_key(in, {}, output_), kYes) << line;
    // printf %s proxyKey1 | sha256sum
    EXPECT_EQ(out_.str(), "sha256:0fbe0e768552fd7817db79784dcadaa095eb6e66f651a1234d5e0ab52ee4a997\n") << line;
  }
}

TEST_F(CommandsTest, key_hash_takes_only_what_a_request_could_bring_and_shows_no_key) {
  for (const auto& [line, trouble] : {std::pair{"", "there is no key"},
                                      {"\n", "there is no key"},
                                      {"s3cret \n", "begins or ends with a space"},
                                      {"\ts3cret\n", "begins or ends with a space"},
                                      {"s3\x01cret\n", "a control character"},
                                      {"s3cret\ns3cret\n", "more than one line"}}) {
    err_.str({});
    std::istringstream in(line);
    EXPECT_EQ(hash_key(in, {}, output_), kTrouble) << line;
    EXPECT_THAT(err_.str(), testing::AllOf(HasSubstr(trouble), Not(HasSubstr("s3")))) << line;
  }
  EXPECT_THAT(out_.str(), IsEmpty());
  for (const auto& words : {std::vector<std::string_view>{"key", "s3cret"}, {"key"}, {"key", "hash", "s3cret"}}) {
    err_.str({});
    EXPECT_EQ(call(words), kTrouble);
    EXPECT_THAT(err_.str(), testing::AllOf(HasSubstr("bearerctl key hash"), Not(HasSubstr("s3cret"))));
  }
}

const std::string kRevoked =
    R"({"id":"jti.)" + kHandle +
    R"(","kind":"jti","issued_before":null,"until":"2026-01-01T00:00:00Z","added_at":"2025-12-31T00:00:00Z"})";

TEST_F(CommandsTest, revoke_sends_what_was_typed_and_prints_the_id) {
  OneAnswer daemon(path_, 201, kRevoked);
  EXPECT_EQ(call({"revoke", "demo", "--jti", "t-1", "--until", "2026-01-01T00:00:00Z"}), kYes);
  const std::string question = daemon.question();
  EXPECT_THAT(question, testing::StartsWith("POST /v1/revocations HTTP/1.1\r\n"));
  EXPECT_THAT(question, testing::EndsWith(R"({"jti":"t-1","provider":"demo","until":"2026-01-01T00:00:00Z"})"));
  EXPECT_EQ(out_.str(), "revoked until 2026-01-01T00:00:00Z: jti." + kHandle + "\n");
}

TEST_F(CommandsTest, revoke_now_is_a_time) {
  OneAnswer daemon(path_, 201, kRevoked);
  EXPECT_EQ(call({"revoke", "demo", "--issued-before", "now"}), kYes);
  EXPECT_THAT(daemon.question(), testing::ContainsRegex("\"issued_before\":\"20[0-9-]+T[0-9:]+Z\""));
}

TEST_F(CommandsTest, revoke_that_is_refused_is_a_no_with_the_reason) {
  OneAnswer daemon(path_, 422, R"({"title":"t","detail":"\"until\" is in the past","status":422})");
  EXPECT_EQ(call({"revoke", "demo", "--jti", "t-1", "--until", "2020-01-01T00:00:00Z"}), kNo);
  EXPECT_THAT(err_.str(), HasSubstr("nothing was changed: \"until\" is in the past"));
}

TEST_F(CommandsTest, revoke_of_an_unknown_provider_names_those_that_there_are) {
  OneAnswer daemon(path_, 422,
                   R"({"title":"t","status":422,"code":"unknown_provider","detail":"there are: demo, okta"})");
  EXPECT_EQ(call({"revoke", "nope", "--jti", "t-1"}), kNo);
  EXPECT_EQ(err_.str(), "bearerctl: there is no provider nope; there are: demo, okta\n");
}

TEST_F(CommandsTest, revoke_without_a_whom_asks_nobody_and_says_what_to_write) {
  for (const auto& words : {std::vector<std::string_view>{"revoke"},
                            {"revoke", "demo"},
                            {"revoke", "--jti", "t-1"},
                            {"revoke", "demo", "--until", "2099-01-01T00:00:00Z"}}) {
    err_.str({});
    EXPECT_EQ(call(words), kTrouble);
    EXPECT_THAT(err_.str(), HasSubstr("write: bearerctl revoke PROVIDER with --jti"));
  }
}

TEST_F(CommandsTest, revoke_end_and_accept_loss_are_calls_of_their_own) {
  {
    OneAnswer daemon(path_, 200, R"({"result":"removed"})");
    EXPECT_EQ(call({"revoke", "--end", "subject_issued_before." + kHandle}), kYes);
    EXPECT_THAT(daemon.question(),
                testing::StartsWith("DELETE /v1/revocations?id=subject_issued_before." + kHandle + " HTTP/1.1\r\n"));
  }
  std::filesystem::remove(path_);
  OneAnswer daemon(path_, 200, R"({"result":"accepted","set_aside":"/s/revocations.db.damaged-1"})");
  EXPECT_EQ(call({"revoke", "--accept-loss"}), kYes);
  EXPECT_THAT(daemon.question(), testing::StartsWith("POST /v1/revocations/accept-loss HTTP/1.1\r\n"));
  EXPECT_THAT(out_.str(), HasSubstr("/s/revocations.db.damaged-1"));
}

TEST_F(CommandsTest, revoke_end_takes_no_provider_that_it_would_pass_over) {
  EXPECT_EQ(call({"revoke", "partner", "--end", "subject_issued_before." + kHandle}), kTrouble);
  EXPECT_THAT(err_.str(), HasSubstr("--end takes no provider"));
}

TEST_F(CommandsTest, options_of_revoke_and_what_is_no_id_ask_nobody) {
  EXPECT_EQ(call({"status", "--jti", "t-1"}), kTrouble);
  EXPECT_EQ(call({"reload", "--accept-loss"}), kTrouble);
  for (const std::string& id :
       {std::string("a&b"), std::string("nonsense"), std::string("jti.AAA"), "." + kHandle, "j&i." + kHandle}) {
    EXPECT_EQ(call({"revoke", "--end", id}), kTrouble) << id;
  }
  EXPECT_THAT(err_.str(), Not(HasSubstr("is bearerd running?")));
}

TEST_F(CommandsTest, revocations_are_a_table) {
  OneAnswer daemon(path_, 200, R"({"revocations":[)" + kRevoked + R"(],"next":null})");
  EXPECT_EQ(call({"revocations"}), kYes);
  EXPECT_THAT(daemon.question(), testing::StartsWith("GET /v1/revocations?limit=200 HTTP/1.1\r\n"));
  EXPECT_THAT(out_.str(),
              HasSubstr("token  -              2026-01-01T00:00:00Z  2025-12-31T00:00:00Z  jti." + kHandle));
}

TEST_F(CommandsTest, revocations_say_what_is_revoked_and_whole_ids_on_a_narrow_terminal) {
  OneAnswer daemon(
      path_, 200,
      R"({"revocations":[{"id":"subject_issued_before.)" + kHandle +
          R"(","kind":"subject_issued_before","issued_before":"2026-01-01T00:00:00Z","until":null,"added_at":"2025-12-31T00:00:00Z"},)"
          R"({"id":"provider_issued_before.)" +
          kHandle +
          R"(","kind":"provider_issued_before","issued_before":"2026-01-01T00:00:00Z","until":null,"added_at":"2025-12-31T00:00:00Z"}],)"
          R"("next":null})");
  output_.look.width = 80;
  EXPECT_EQ(call({"revocations"}), kYes);
  EXPECT_EQ(out_.str(),
            "WHAT      ISSUED BEFORE         UNTIL        ADDED                 ID\n"
            "user      2026-01-01T00:00:00Z  it is ended  2025-12-31T00:00:00Z\n"
            "    subject_issued_before." +
                kHandle +
                "\n"
                "provider  2026-01-01T00:00:00Z  it is ended  2025-12-31T00:00:00Z\n"
                "    provider_issued_before." +
                kHandle + "\n");
}

TEST_F(CommandsTest, an_empty_list_is_a_sentence) {
  {
    OneAnswer daemon(path_, 200, R"({"revocations":[],"next":null})");
    EXPECT_EQ(call({"revocations"}), kYes);
    EXPECT_THAT(out_.str(), testing::StartsWith("nothing is revoked by calls"));
  }
  out_.str({});
  OneAnswer daemon(path_, 200, R"({"usage":[],"next":null})");
  EXPECT_EQ(call({"usage"}), kYes);
  EXPECT_EQ(out_.str(), "nothing was used yet\n");
}

TEST_F(CommandsTest, a_mistyped_command_is_trouble_with_a_hint) {
  EXPECT_EQ(call({"statsu"}), kTrouble);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean status?"));
  err_.str("");
  EXPECT_EQ(call({"relaod"}), kTrouble);
  EXPECT_THAT(err_.str(), testing::AllOf(HasSubstr("did you mean reload?"), Not(HasSubstr("reloads"))));
  for (const auto& [wrong, meant] :
       {std::pair("--josn", "--json"), {"--isuer", "--issuer"}, {"--sokcet=x", "--socket"}}) {
    err_.str("");
    EXPECT_EQ(call({"status", wrong}), kTrouble);
    EXPECT_THAT(err_.str(), HasSubstr("did you mean " + std::string(meant) + "?"));
  }
  for (const char* nobodys : {"---", "-x", "--zzzz"}) {
    err_.str("");
    EXPECT_EQ(call({"status", nobodys}), kTrouble);
    EXPECT_THAT(err_.str(), testing::AllOf(HasSubstr("unknown option"), Not(HasSubstr("did you mean"))));
  }
  EXPECT_EQ(call({}), kTrouble);
  EXPECT_EQ(call({"status", "extra"}), kTrouble);
}

TEST_F(CommandsTest, help_and_version_answer_yes) {
  EXPECT_EQ(call({"--help"}), kYes);
  EXPECT_THAT(out_.str(), testing::AllOf(HasSubstr("reload"), HasSubstr("status"), HasSubstr("exit status")));
  EXPECT_EQ(call({"--version"}), kYes);
  EXPECT_THAT(err_.str(), IsEmpty());
}

constexpr const char* kProvider =
    R"({"name":"auth0","plugin":"auth0","plugin_version":"1.0.0","readiness":"disabled","optional":false,"keys":2,)"
    R"("stale":false,"last_success":null,"last_error":null,"why":"an operator switched it off","enabled":false,)"
    R"("issuers":["https://a.test/"],"issuer_pattern":null,"audiences":["api"],"algorithms":["RS256"],)"
    R"("unchecked":["audience"],"epoch":7,"sources":[)"
    R"({"url":null,"files":["/e/jwks.json"],"keys":2,"kids":["2026-01","2026-02"],"from_disk":false}]})";

TEST_F(CommandsTest, one_provider_is_shown_with_why_it_is_not_ready) {
  OneAnswer daemon(path_, 200, kProvider);
  EXPECT_EQ(call({"providers", "auth0"}), kYes);
  EXPECT_THAT(daemon.question(), testing::StartsWith("GET /v1/providers/auth0 HTTP/1.1\r\n"));
  EXPECT_THAT(out_.str(), HasSubstr("disabled: an operator switched it off\n"));
  EXPECT_THAT(out_.str(), HasSubstr("not checked  audience\n"));
  EXPECT_THAT(out_.str(), HasSubstr("fetched      from files\n"));
  EXPECT_THAT(out_.str(), HasSubstr("keys from    /e/jwks.json: 2 keys (2026-01, 2026-02)\n"));
}

TEST_F(CommandsTest, a_name_can_not_become_another_address) {
  OneAnswer daemon(path_, 404, R"({"title":"t","status":404,"code":"unknown_provider"})");
  EXPECT_EQ(call({"disable", "a/../b?c"}), kNo);
  EXPECT_THAT(daemon.question(), testing::StartsWith("POST /v1/providers/a%2F%2E%2E%2Fb%3Fc/disable HTTP/1.1\r\n"));
  EXPECT_THAT(err_.str(), HasSubstr("there is no provider a/../b?c"));
}

TEST_F(CommandsTest, a_refresh_that_fails_says_why_and_answers_no) {
  OneAnswer daemon(path_, 200, R"({"result":"failed","provider":{"name":"auth0","keys":0,"last_error":"no answer"}})");
  EXPECT_EQ(call({"refresh", "auth0"}), kNo);
  EXPECT_THAT(err_.str(), HasSubstr("the fetch failed: no answer\n"));
}

TEST_F(CommandsTest, commands_about_a_provider_need_its_name) {
  for (const char* command : {"refresh", "disable", "enable"}) EXPECT_EQ(call({command}), kTrouble) << command;
}

TEST_F(CommandsTest, a_log_level_is_sent_as_json_and_may_end) {
  OneAnswer daemon(path_, 200, R"({"level":"debug","seconds":600})");
  EXPECT_EQ(call({"log-level", "debug", "--seconds", "600"}), kYes);
  EXPECT_THAT(daemon.question(), testing::EndsWith(R"({"level":"debug","seconds":600})"));
  EXPECT_EQ(out_.str(), "logging from debug on, for 10 min\n");
}

TEST_F(CommandsTest, the_log_level_in_force_is_told) {
  {
    OneAnswer daemon(path_, 200, R"({"log_level":"info","log_level_set":false})");
    EXPECT_EQ(call({"log-level"}), kYes);
    EXPECT_EQ(out_.str(), "logging from info on\n");
  }
  out_.str({});
  OneAnswer daemon(path_, 200, R"({"log_level":"debug","log_level_set":true})");
  EXPECT_EQ(call({"log-level"}), kYes);
  EXPECT_EQ(out_.str(), "logging from debug on, as a call set it (bearerctl log-level reset)\n");
}

TEST_F(CommandsTest, a_plugins_keys_are_a_table_with_types_and_defaults) {
  OneAnswer daemon(
      path_, 200,
      R"({"name":"okta","version":"1.0.0","abi":"1.0","file":"/p/okta.so","digest":"sha256:ab","description":"Okta.",)"
      R"("providers":["o"],"settings":[{"name":"clients","type":"stringList","help":"Who may ask.","required":false,)"
      R"("secret":true,"default":["a"],"minimum":null,"maximum":null,"choices":[]}]})");
  EXPECT_EQ(call({"plugin", "describe", "okta"}), kYes);
  EXPECT_THAT(out_.str(), HasSubstr("clients  stringList, secret  [\"a\"]    Who may ask.\n"));
}

TEST_F(CommandsTest, status_names_the_most_frequent_refusals_first) {
  OneAnswer daemon(
      path_, 200,
      R"({"ready":true,"version":"0.1.0","decisions_per_second":12.34,"decisions":{"ok":9,"expired":2,"no_role":5}})");
  EXPECT_EQ(call({"status"}), kYes);
  EXPECT_THAT(out_.str(), HasSubstr("decisions  12.3 a second; 9 allowed\n"));
  EXPECT_THAT(out_.str(), HasSubstr("refusals   no_role 5, expired 2\n"));
}

TEST_F(CommandsTest, status_on_a_narrow_terminal_still_says_why_a_provider_fails) {
  OneAnswer daemon(
      path_, 200,
      R"({"ready":true,"providers":[{"name":"a-provider-with-a-long-name","plugin":"keycloak","plugin_version":"1.0.0",)"
      R"("readiness":"failed","optional":false,"keys":0,"stale":false,"last_success":null,"last_error":"connection refused",)"
      R"("why":"it has no keys: GET https://keycloak.example.com/realms/a/.well-known/openid-configuration: connection refused",)"
      R"("allowed":0},{"name":"b","plugin":"oidc","plugin_version":"1.0.0","readiness":"ready","optional":false,"keys":1,)"
      R"("stale":false,"last_success":null,"last_error":null,"why":null,"allowed":0}],"warnings":[]})");
  output_.look.width = 80;
  EXPECT_EQ(call({"status"}), kYes);
  EXPECT_THAT(out_.str(), HasSubstr("\n    it has no keys: GET\n"));
  EXPECT_THAT(out_.str(), HasSubstr("connection refused\n"));
  EXPECT_THAT(out_.str(), HasSubstr("\n    has let nobody in since the start\n"));
  std::istringstream lines(out_.str());
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST_F(CommandsTest, a_refusal_is_told_with_its_detail) {
  OneAnswer daemon(path_, 503, R"({"title":"it was begun","status":503,"code":"under_way","detail":"see the log"})");
  EXPECT_EQ(call({"reload"}), kTrouble);
  EXPECT_EQ(err_.str(), "bearerctl: the daemon refused (503): it was begun: see the log\n");
}

}  // namespace
}  // namespace bearerd::ctl
