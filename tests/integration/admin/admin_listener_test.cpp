#include "http/admin_listener.hpp"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/String.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <stdexcept>

#include "http/admin_json.hpp"
#include "integration/admin/raw_http.hpp"
#include "state/embedded_store.hpp"
#include "support/manual_clock.hpp"

namespace bearerd::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr gid_t kAdminGroup = 61'001, kObserveGroup = 61'002, kUsageGroup = 61'003;
constexpr uid_t kStranger = 61'999;
constexpr std::string_view kGetStatus = "GET /v1/status HTTP/1.1\r\nHost: bearerd\r\n\r\n";
constexpr std::string_view kPostReload = "POST /v1/reload HTTP/1.1\r\nHost: bearerd\r\nContent-Length: 0\r\n\r\n";

const std::string kCaller(43, 'A');

std::string post_usage(const std::string& body) {
  return "POST /v1/usage HTTP/1.1\r\nHost: bearerd\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}
std::string some_usage() { return R"({"caller":")" + kCaller + R"(","deployment":"gpt-4","tokens":40})"; }
constexpr std::string_view kGetUsage = "GET /v1/usage?limit=5 HTTP/1.1\r\nHost: bearerd\r\n\r\n";

StatusReport some_status() {
  StatusReport report;
  report.version = "0.1.0";
  report.revision = "abc";
  report.pid = 42;
  report.started_at = base::WallTime{1'763'832'253s};
  report.static_generation = 3;
  ProviderStatus provider;
  provider.name = provider.plugin = "auth0";
  provider.plugin_version = "1.0.0";
  provider.readiness = runtime::ProviderReadiness::kReady;
  provider.key_count = 2;
  provider.last_success = base::WallTime{1'763'832'254s};
  report.providers.push_back(std::move(provider));
  return report;
}

// Runs `body` in a child that is another user, and hands back what it returned.
std::string as_user(uid_t uid, gid_t gid, const std::vector<gid_t>& groups, const std::function<std::string()>& body) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    const bool is_changed = ::setgroups(groups.size(), groups.data()) == 0 && ::setresgid(gid, gid, gid) == 0 &&
                            ::setresuid(uid, uid, uid) == 0;
    const std::string text = is_changed ? body() : "could not change user";
    const bool is_told = ::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::_exit(is_told ? 0 : 1);
  }
  ::close(ends[1]);
  std::string text;
  std::array<char, 4096> buffer{};
  ssize_t count = 0;
  while ((count = ::read(ends[0], buffer.data(), buffer.size())) > 0)
    text.append(buffer.data(), static_cast<std::size_t>(count));
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return text;
}

class AdminListenerTest : public testing::Test {
 protected:
  AdminListenerTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bearerd-admin-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    ::chmod(directory_.c_str(), 0755);
    path_ = directory_ + "/admin.sock";
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    log_reader_ = base::FileDescriptor(ends[0]);
    log_writer_ = base::FileDescriptor(ends[1]);
    observe::Log::Options options;
    options.fd = log_writer_.get();
    log_ = std::make_unique<observe::Log>(options);
    report_.result = ReloadResult::kApplied;
    report_.static_generation = 4;
    report_.dynamic_generation = 2;
    calls_.status = some_status;
    settings::Dynamic dynamic;
    dynamic.deployments["gpt-4"] = {"models", std::nullopt};
    calls_.limits = [table = std::make_shared<const state::LimitTable>(dynamic)] { return table; };
    calls_.usage = &usage_;
    calls_.clock = &clock_;
    calls_.reload = [this]() -> Controlled<ReloadReport> {
      ++reloads_;
      return report_;
    };
  }
  ~AdminListenerTest() override {
    listener_.reset();
    std::filesystem::remove_all(directory_);
  }

  void open() {
    AdminListener::Options options;
    options.addresses = {settings::Address{true, "", 0, path_}};
    options.holders = {::getuid(), kAdminGroup, kObserveGroup, kUsageGroup};
    options.calls = calls_;
    options.log = log_.get();
    options.metrics = &metrics_;
    options.request_time = request_time_;
    auto opened = AdminListener::open(std::move(options));
    ASSERT_TRUE(opened) << opened.error().text;
    listener_ = std::move(*opened);
  }
  // So that who gets in is decided by the peer's rights alone, not by the file's mode.
  void let_everybody_connect() const { ASSERT_EQ(::chmod(path_.c_str(), 0666), 0); }
  [[nodiscard]] std::string ask(std::string_view request) const {
    return tests::exchange(tests::connect_unix(path_), request);
  }
  [[nodiscard]] std::string ask_as(uid_t uid, gid_t gid, const std::vector<gid_t>& groups,
                                   std::string_view request) const {
    return as_user(uid, gid, groups, [&] { return ask(request); });
  }
  [[nodiscard]] std::string logged() {
    log_->flush();
    std::string text(65536, '\0');
    const ssize_t count = ::read(log_reader_.get(), text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }

  std::string directory_, path_;
  base::FileDescriptor log_reader_, log_writer_;
  std::unique_ptr<observe::Log> log_;
  observe::Metrics metrics_;
  test::ManualClock clock_;
  state::EmbeddedStore usage_{{"", &clock_, nullptr, &metrics_, 0ms}};
  AdminCalls calls_;
  ReloadReport report_;
  std::atomic<int> reloads_{0};
  std::chrono::milliseconds request_time_{5000};
  std::unique_ptr<AdminListener> listener_;
};

TEST_F(AdminListenerTest, a_slow_sender_is_cut_off_and_a_slow_answer_is_not) {
  request_time_ = 500ms;
  std::promise<void> is_heard, is_cut_off;
  calls_.reload = [&]() -> Controlled<ReloadReport> {
    is_heard.set_value();
    is_cut_off.get_future().wait();
    return report_;
  };
  open();
  auto answer = std::async(std::launch::async, [&] { return ask(kPostReload); });
  is_heard.get_future().wait();
  const auto slow = tests::connect_unix(path_);
  tests::send_all(slow.get(), "GET /v1/sta");
  EXPECT_EQ(tests::read_all(slow.get()), "");
  is_cut_off.set_value();
  EXPECT_THAT(answer.get(), StartsWith("HTTP/1.1 200"));
}

class AdminAsOthers : public AdminListenerTest {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  }
};

TEST_F(AdminListenerTest, our_own_user_reads_the_status) {
  open();
  const std::string answer = ask(kGetStatus);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("Content-Type: application/json"));
  EXPECT_THAT(answer, HasSubstr("\"started_at\":\"2025-11-22T17:24:13.000000Z\""));
  EXPECT_THAT(
      answer,
      HasSubstr("\"name\":\"auth0\",\"plugin\":\"auth0\",\"plugin_version\":\"1.0.0\",\"readiness\":\"ready\""));
}

TEST_F(AdminListenerTest, a_reload_says_what_is_served_and_leaves_an_audit_line) {
  open();
  const std::string answer = ask(kPostReload);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("{\"result\":\"applied\",\"generations\":{\"static\":4,\"dynamic\":2},\"problems\":[],"
                                "\"needs_restart\":[]}"));
  EXPECT_THAT(logged(), HasSubstr("\"event\":\"audit\",\"message\":\"admin "
                                  "call\",\"call\":\"/v1/reload\",\"method\":\"POST\",\"status\":200,\"peer_uid\":" +
                                  std::to_string(::getuid())));
}

TEST_F(AdminListenerTest, a_refused_reload_lists_every_fault) {
  report_.result = ReloadResult::kRefused;
  report_.problems = {{settings::Severity::kFault, {"/etc/b/settings.json", 3, 7}, "verify.waitMs", "must be a number"},
                      {settings::Severity::kWarning, {"/etc/b/settings.json", 9, 1}, "log", "is odd"}};
  open();
  const std::string answer = ask(kPostReload);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 422 "));
  EXPECT_THAT(answer, HasSubstr("Content-Type: application/problem+json"));
  EXPECT_THAT(answer, HasSubstr("\"severity\":\"fault\",\"file\":\"/etc/b/"
                                "settings.json\",\"line\":3,\"column\":7,\"path\":\"verify.waitMs\""));
  EXPECT_THAT(answer, HasSubstr("\"severity\":\"warning\""));
}

TEST_F(AdminListenerTest, a_reload_without_an_answer_is_no_fault_of_the_settings) {
  std::atomic<NoAnswer> why{NoAnswer::kNotBegun};
  calls_.reload = [&]() -> Controlled<ReloadReport> { return tl::make_unexpected(why.load()); };
  open();
  for (const auto& [each, code] : {std::pair{NoAnswer::kNotBegun, "busy"}, std::pair{NoAnswer::kUnderWay, "under_way"},
                                   std::pair{NoAnswer::kStopping, "stopping"}}) {
    why = each;
    const std::string answer = ask(kPostReload);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 ")) << code;
    EXPECT_THAT(answer, HasSubstr("\"code\":\"" + std::string(code) + '"'));
    EXPECT_EQ(answer.find("Retry-After") != std::string::npos, why == NoAnswer::kNotBegun) << code;
  }
}

TEST_F(AdminListenerTest, an_unknown_call_is_404_and_another_method_405) {
  open();
  EXPECT_THAT(ask("GET /v1/nothing HTTP/1.1\r\nHost: b\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
  const std::string answer = ask("GET /v1/reload HTTP/1.1\r\nHost: b\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(answer, HasSubstr("Allow: POST\r\n"));
  EXPECT_EQ(reloads_, 0);
}

TEST_F(AdminListenerTest, no_spelling_of_a_path_but_its_own_reaches_a_call) {
  open();
  for (const char* target : {"/v1/./reload", "/v1//reload", "/v1/reload/", "/v1/%72eload", "/v1/status/../reload",
                             "http://x/v1/reload", "/V1/RELOAD"}) {
    EXPECT_THAT(ask("POST " + std::string(target) + " HTTP/1.1\r\nHost: b\r\nContent-Length: 0\r\n\r\n"),
                StartsWith("HTTP/1.1 404 "))
        << target;
  }
  EXPECT_EQ(reloads_, 0);
}

TEST_F(AdminListenerTest, a_query_where_none_is_taken_is_refused_and_nothing_done) {
  open();
  const std::string answer = ask("POST /v1/reload?force=1 HTTP/1.1\r\nHost: b\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 422 "));
  EXPECT_THAT(answer, HasSubstr("this call takes no query"));
  EXPECT_THAT(ask("GET /v1/usage?limit=5&limit=6 HTTP/1.1\r\nHost: b\r\n\r\n"), StartsWith("HTTP/1.1 422 "));
  EXPECT_THAT(ask("GET /v1/usage?limit=%35 HTTP/1.1\r\nHost: b\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(reloads_, 0);
}

TEST_F(AdminListenerTest, a_call_that_throws_is_500_and_the_next_one_works) {
  calls_.status = []() -> StatusReport { throw std::runtime_error("broken"); };
  open();
  const std::string answer = ask(kGetStatus);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(answer, Not(HasSubstr("broken")));
  EXPECT_THAT(logged(), HasSubstr("broken"));
  EXPECT_THAT(ask(kPostReload), StartsWith("HTTP/1.1 200 "));
}

TEST_F(AdminListenerTest, a_body_that_is_too_large_is_refused_unread) {
  open();
  EXPECT_THAT(ask("POST /v1/reload HTTP/1.1\r\nHost: b\r\nContent-Length: 99999999\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_EQ(reloads_, 0);
}

// Answered before it was read, it must not cost its sender the answer: a write that fails, or a reset.
TEST_F(AdminListenerTest, who_sends_all_of_a_body_that_is_too_large_can_do_so_and_reads_the_answer) {
  open();
  const std::string body(12 * 1024 * 1024, ' ');
  for (const char* path : {"/v1/reload", "/v1/settings/check"}) {
    const auto socket = tests::connect_unix(path_);
    tests::send_all(socket.get(), "POST " + std::string(path) + " HTTP/1.1\r\nHost: b\r\nContent-Length: " +
                                      std::to_string(body.size()) + "\r\n\r\n");
    EXPECT_TRUE(tests::send_all(socket.get(), body)) << path;
    EXPECT_THAT(tests::read_all(socket.get()), StartsWith("HTTP/1.1 413 ")) << path;
  }
}

TEST_F(AdminListenerTest, who_sends_too_much_without_an_end_is_cut_off) {
  open();
  const auto socket = tests::connect_unix(path_);
  tests::send_all(socket.get(), "POST /v1/reload HTTP/1.1\r\nHost: b\r\nContent-Length: 9999999999\r\n\r\n");
  const std::string body(64 * 1024 * 1024, ' ');
  EXPECT_FALSE(tests::send_all(socket.get(), body));
}

TEST_F(AdminListenerTest, silent_callers_keep_nobody_waiting) {
  open();
  std::vector<base::FileDescriptor> silent;
  for (int i = 0; i < 40; ++i) silent.push_back(tests::connect_unix(path_));
  const auto began = std::chrono::steady_clock::now();
  EXPECT_THAT(ask(kGetStatus), StartsWith("HTTP/1.1 200 "));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 1500ms);  // nobody's patience had to end
}

TEST_F(AdminListenerTest, a_body_is_framed_by_one_plain_length_or_the_call_is_not_made) {
  open();
  constexpr std::string_view kBoth = "Content-Length: 2\r\nTransfer-Encoding: chunked";
  for (const auto& [fields, body, status] :
       {std::tuple{std::string_view("Content-Length: -5"), "{}", "400"},
        std::tuple{std::string_view("Content-Length: +2"), "{}", "400"},
        std::tuple{std::string_view("Content-Length: 0x2"), "{}", "400"},
        std::tuple{std::string_view("Content-Length: 2, 2"), "{}", "400"},
        std::tuple{std::string_view("Content-Length : 2"), "{}", "400"},
        std::tuple{std::string_view("Content-Length: two"), "{}", "400"},
        std::tuple{std::string_view("Content-Length:"), "{}", "400"},
        std::tuple{std::string_view("Content-Length: 99999999999999999999"), "{}", "400"},
        std::tuple{std::string_view("Content-Length: 2\r\nContent-Length: 2"), "{}", "400"},
        std::tuple{std::string_view("Content-Length: 2\r\ncontent-length: 0"), "{}", "400"},
        std::tuple{kBoth, "2\r\n{}\r\n0\r\n\r\n", "400"}, std::tuple{kBoth, "{}", "400"},
        std::tuple{std::string_view("Transfer-Encoding: chunked"), "2\r\n{}\r\n0\r\n\r\n", "411"},
        std::tuple{std::string_view("Transfer-Encoding: gzip"), "{}", "411"}}) {
    const std::string answer = ask("POST /v1/reload HTTP/1.1\r\nHost: b\r\n" + std::string(fields) + "\r\n\r\n" + body);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + std::string(status) + ' ')) << fields;
    EXPECT_THAT(answer, HasSubstr("Content-Type: application/problem+json")) << fields;
    EXPECT_THAT(answer, HasSubstr("Connection: Close")) << fields;
  }
  EXPECT_EQ(reloads_, 0);
}

TEST_F(AdminListenerTest, a_body_that_was_cut_is_not_taken_for_whole) {
  open();
  const auto socket = tests::connect_unix(path_);
  const std::string whole = post_usage(some_usage() + " ");  // the same object with and without its last byte
  tests::send_all(socket.get(), whole.substr(0, whole.size() - 1));
  ::shutdown(socket.get(), SHUT_WR);
  const std::string answer = tests::read_all(socket.get());
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer, HasSubstr(R"("code":"bad_request")"));
  EXPECT_THAT(ask(kGetUsage), Not(HasSubstr("tokens_minute")));
}

TEST_F(AdminListenerTest, who_sends_no_length_sends_no_body_and_is_answered_at_once) {
  open();
  const auto socket = tests::connect_unix(path_);
  tests::send_all(socket.get(), "POST /v1/reload HTTP/1.1\r\nHost: b\r\n\r\n");
  pollfd waiting{socket.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&waiting, 1, 1'500), 1);  // reading on would last two seconds
  EXPECT_THAT(tests::read_all(socket.get()), StartsWith("HTTP/1.1 200 "));
}

TEST_F(AdminListenerTest, what_is_no_http_is_told_so_as_a_problem) {
  open();
  const std::string begin = "GET /v1/status HTTP/1.1\r\n", end = ": x\r\n\r\n";
  for (const std::string& bytes : {std::string("POST\r\n\r\n"), begin + std::string(300, 'x') + end}) {
    const std::string answer = ask(bytes);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 ")) << bytes;
    EXPECT_THAT(answer, HasSubstr("Content-Type: application/problem+json")) << bytes;
    EXPECT_THAT(answer, HasSubstr(R"("code":"bad_request")")) << bytes;
  }
}

TEST_F(AdminListenerTest, a_small_body_is_ignored) {
  open();
  EXPECT_THAT(ask("POST /v1/reload HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\n\r\n{}"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(AdminListenerTest, reported_usage_is_counted_listed_and_leaves_no_audit_line) {
  open();
  EXPECT_THAT(ask(post_usage(some_usage())), testing::EndsWith("\r\n\r\n{\"result\":\"counted\"}"));
  EXPECT_THAT(ask(kGetUsage), HasSubstr(R"("deployment":"gpt-4","windows":{"tokens_minute":{"used":40,)"));
  EXPECT_THAT(logged(), Not(HasSubstr("audit")));
}

TEST_F(AdminListenerTest, usage_that_is_none_is_a_problem_with_a_code) {
  open();
  const std::string invalid = ask(post_usage("{}"));
  EXPECT_THAT(invalid, StartsWith("HTTP/1.1 422 "));
  EXPECT_THAT(invalid, HasSubstr("Content-Type: application/problem+json"));
  EXPECT_THAT(invalid, HasSubstr(R"("code":"invalid")"));
  const std::string other = R"({"caller":")" + kCaller + R"(","deployment":"other","tokens":40})";
  EXPECT_THAT(ask(post_usage(other)), HasSubstr(R"("code":"unknown_deployment")"));
  EXPECT_THAT(ask("GET /v1/usage?limit=x HTTP/1.1\r\nHost: b\r\n\r\n"), StartsWith("HTTP/1.1 422 "));
  EXPECT_THAT(ask(post_usage(std::string(70'000, ' '))), StartsWith("HTTP/1.1 413 "));
}

TEST_F(AdminListenerTest, garbage_is_never_a_call) {
  open();
  for (const std::string& bytes :
       {std::string("\x16\x03\x01\x02\x00\x01\x00", 7), std::string("\r\n\r\n"), std::string("POST\r\n\r\n"),
        "POST /v1/reload HTTP/1.1\r\n" + std::string(300'000, 'x') + "\r\n\r\n"}) {
    const auto socket = tests::connect_unix(path_);
    tests::send_all(socket.get(), bytes);
    ::shutdown(socket.get(), SHUT_WR);
    EXPECT_THAT(tests::read_all(socket.get()), Not(HasSubstr(" 200 ")));
  }
  EXPECT_EQ(reloads_, 0);
  EXPECT_THAT(ask(kGetStatus), StartsWith("HTTP/1.1 200 "));
}

TEST_F(AdminListenerTest, is_never_opened_on_a_tcp_port) {
  AdminListener::Options options;
  options.addresses = {settings::Address{false, "127.0.0.1", 0, ""}};
  options.calls = calls_;
  options.log = log_.get();
  const auto opened = AdminListener::open(std::move(options));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::ErrorCode::kDenied);
}

TEST_F(AdminListenerTest, its_file_goes_when_it_does) {
  open();
  EXPECT_TRUE(std::filesystem::exists(path_));
  listener_.reset();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(AdminAsOthers, a_stranger_is_refused_and_learns_nothing) {
  open();
  let_everybody_connect();
  const std::string known = ask_as(kStranger, kStranger, {kStranger}, kPostReload);
  EXPECT_THAT(known, StartsWith("HTTP/1.1 403 "));
  const auto without_date = [](const std::string& text) { return text.substr(text.find("\r\n\r\n")); };
  EXPECT_EQ(without_date(known),
            without_date(ask_as(kStranger, kStranger, {}, "GET /v1/nothing HTTP/1.1\r\nHost: b\r\n\r\n")));
  EXPECT_EQ(reloads_, 0);
}

TEST_F(AdminAsOthers, who_reports_usage_may_do_nothing_else_and_who_looks_may_not_report) {
  open();
  let_everybody_connect();
  const auto as_reporter = [&](std::string_view request) {
    return ask_as(kStranger, kStranger, {kUsageGroup}, request);
  };
  const auto as_observer = [&](std::string_view request) {
    return ask_as(kStranger, kStranger, {kObserveGroup}, request);
  };
  EXPECT_THAT(as_reporter(post_usage(some_usage())), StartsWith("HTTP/1.1 200 "));
  for (const std::string_view request : {kGetUsage, kGetStatus, kPostReload}) {
    EXPECT_THAT(as_reporter(request), StartsWith("HTTP/1.1 403 ")) << request;
  }
  EXPECT_THAT(as_observer(kGetUsage), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(as_observer(post_usage(some_usage())), StartsWith("HTTP/1.1 403 "));
}

TEST_F(AdminAsOthers, the_file_keeps_a_stranger_out_before_that) {
  open();
  EXPECT_EQ(ask_as(kStranger, kStranger, {}, kGetStatus), "");
}

TEST_F(AdminAsOthers, the_admin_group_may_reload_as_primary_or_supplementary) {
  open();
  let_everybody_connect();
  EXPECT_THAT(ask_as(kStranger, kAdminGroup, {}, kPostReload), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(ask_as(kStranger, kStranger, {70'000, kAdminGroup}, kPostReload), StartsWith("HTTP/1.1 200 "));
}

TEST_F(AdminAsOthers, the_observe_group_may_look_and_not_touch) {
  open();
  let_everybody_connect();
  EXPECT_THAT(ask_as(kStranger, kStranger, {kObserveGroup}, kGetStatus), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(ask_as(kStranger, kStranger, {kObserveGroup}, kPostReload), StartsWith("HTTP/1.1 403 "));
  EXPECT_EQ(reloads_, 0);
  EXPECT_THAT(logged(), HasSubstr("\"status\":403,\"peer_uid\":61999"));
}

TEST_F(AdminAsOthers, the_usage_group_may_do_neither) {
  open();
  let_everybody_connect();
  EXPECT_THAT(ask_as(kStranger, kUsageGroup, {}, kGetStatus), StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(ask_as(kStranger, kUsageGroup, {}, kPostReload), StartsWith("HTTP/1.1 403 "));
}

// Handlers without the rest of the daemon fail in their own ways; who may not call them gets 403 and nothing else.
TEST_F(AdminAsOthers, each_right_opens_its_calls_on_the_unix_socket_and_no_other) {
  state::RevocationStore revocations({.directory = directory_, .key = {}, .clock = &clock_, .metrics = &metrics_});
  verify::RecentDecisions recent;
  calls_.revocations = &revocations;
  calls_.recent = &recent;
  open();
  let_everybody_connect();
  const std::string served = ask("GET /v1/openapi.json HTTP/1.1\r\nHost: b\r\n\r\n");
  const auto document =
      Poco::JSON::Parser().parse(served.substr(served.find("\r\n\r\n"))).extract<Poco::JSON::Object::Ptr>();
  std::size_t tried = 0;
  for (const auto& [path, methods] : *document->getObject("paths")) {
    for (const auto& [method, operation] : *methods.extract<Poco::JSON::Object::Ptr>()) {
      const auto needed = operation.extract<Poco::JSON::Object::Ptr>()->getValue<std::string>("x-bearerd-right");
      const std::string request = Poco::toUpper(method) + ' ' + path + " HTTP/1.1\r\nHost: b\r\n\r\n";
      for (const auto& [group, right] : {std::pair{kAdminGroup, "admin"}, std::pair{kObserveGroup, "observe"},
                                         std::pair{kUsageGroup, "usage"}, std::pair{gid_t{kStranger}, "none"}}) {
        const bool is_allowed = right == needed || group == kAdminGroup;
        const std::string answer = ask_as(kStranger, kStranger, {group}, request);
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 ")) << right << ": " << request;
        EXPECT_EQ(answer.starts_with("HTTP/1.1 403 "), !is_allowed) << right << ": " << request;
        ++tried;
      }
    }
  }
  EXPECT_GE(tried, 4U * 20U);
}

TEST(Rights, an_id_of_another_user_namespace_is_nobodys) {
  const RightHolders holders{65534, gid_t{65534}, std::nullopt, std::nullopt};
  EXPECT_FALSE(rights_of(Peer{1, 65534, 65534, {65534}}, holders).has_any());
}

TEST(Rights, root_and_our_own_user_are_admin) {
  const RightHolders holders{500, std::nullopt, std::nullopt, std::nullopt};
  EXPECT_TRUE(rights_of(Peer{1, 0, 0, {}}, holders).has_admin);
  EXPECT_TRUE(rights_of(Peer{1, 500, 9, {}}, holders).has_admin);
  EXPECT_FALSE(rights_of(Peer{1, 501, 500, {0}}, holders).has_any());
}

TEST(Rights, admin_covers_all_and_the_others_only_themselves) {
  const Rights admin{true, false, false}, observe{false, true, false}, usage{false, false, true};
  EXPECT_TRUE(admin.allows(Right::kObserve) && admin.allows(Right::kUsage));
  EXPECT_FALSE(observe.allows(Right::kAdmin) || observe.allows(Right::kUsage));
  EXPECT_FALSE(usage.allows(Right::kAdmin) || usage.allows(Right::kObserve));
}

TEST(Peer, of_a_tcp_connection_is_unknown) {
  const base::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  EXPECT_FALSE(find_peer(socket.get()));
}

}  // namespace
}  // namespace bearerd::http
