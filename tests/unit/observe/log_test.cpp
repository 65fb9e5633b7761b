#include "observe/log.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/temporary_folder.hpp"

namespace bearerd::observe {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class ManualClock final : public base::Clock {
 public:
  [[nodiscard]] base::WallTime wall() const noexcept override { return base::WallTime{1'763'832'253s}; }
  [[nodiscard]] base::SteadyTime steady() const noexcept override { return now; }
  base::SteadyTime now{1h};
};

// The reading end of the log's descriptor.
class LogTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK), 0); }
  void TearDown() override {
    close_reader();
    ::close(ends_[1]);
  }
  void close_reader() {
    if (ends_[0] >= 0) ::close(ends_[0]);
    ends_[0] = -1;
  }
  [[nodiscard]] Log::Options options() const {
    Log::Options options;
    options.fd = ends_[1];
    options.clock = &clock_;
    return options;
  }
  [[nodiscard]] std::string written() const {
    std::string text;
    std::array<char, 65536> buffer{};
    ssize_t count = 0;
    while ((count = ::read(ends_[0], buffer.data(), buffer.size())) > 0)
      text.append(buffer.data(), static_cast<std::size_t>(count));
    return text;
  }
  [[nodiscard]] static DecisionLine refusal(base::Reason reason) {
    DecisionLine line;
    line.reason = reason;
    line.provider = "auth0";
    line.user = "ab12";
    line.method = "GET";
    line.request_id = "r-1";
    line.duration = 41'900ns;
    return line;
  }
  std::array<int, 2> ends_{-1, -1};
  ManualClock clock_;
};

TEST_F(LogTest, lines_arrive_in_order) {
  Log log(options());
  log.write(Level::kInfo, "first", "one");
  log.write(Level::kInfo, "second", "two");
  log.flush();
  const std::string text = written();
  EXPECT_LT(text.find("\"first\""), text.find("\"second\""));
}

TEST_F(LogTest, lines_below_the_level_are_not_written) {
  Log log(options());
  log.write(Level::kDebug, "quiet", "");
  log.set_level(Level::kDebug);
  log.write(Level::kDebug, "loud", "");
  log.flush();
  EXPECT_THAT(written(), testing::AllOf(Not(HasSubstr("quiet")), HasSubstr("loud")));
}

TEST_F(LogTest, what_is_always_written_has_no_level_to_pass) {
  Log log(options());
  log.set_level(Level::kError);
  log.write_always(Level::kNotice, "audit", "", {});
  log.flush();
  EXPECT_THAT(written(), HasSubstr("\"event\":\"audit\""));
}

TEST_F(LogTest, the_end_of_a_flood_is_told_when_nothing_follows_it) {
  Log log(options());
  log.set_decisions(false, 3);
  for (int i = 0; i < 10; ++i) log.decision(refusal(base::Reason::kBadSignature));
  log.tell_omitted();
  clock_.now += 1s;
  log.tell_omitted();
  log.tell_omitted();
  log.flush();
  const std::string text = written();
  EXPECT_EQ(std::ranges::count(text, '\n'), 4);
  EXPECT_THAT(text, HasSubstr(R"("event":"refusals_omitted")"));
  EXPECT_THAT(text, HasSubstr(R"("provider":"auth0","reason":"bad_signature","omitted":7})"));
}

TEST_F(LogTest, a_flush_does_not_wait_for_a_reader_that_hangs) {
  Log log(options());
  const std::string text(2000, 'x');
  for (int i = 0; i < 200; ++i) log.write(Level::kInfo, "flood", text);
  log.flush();
  int waiting = 0;  // in the pipe: to read it would let the writer go on
  ASSERT_EQ(::ioctl(ends_[0], FIONREAD, &waiting), 0);
  EXPECT_LT(waiting, 200 * static_cast<int>(text.size())) << "it can't all have been written";
}

TEST_F(LogTest, a_refusal_has_every_field_of_a_decision) {
  Log log(options());
  log.decision(refusal(base::Reason::kExpired));
  log.flush();
  EXPECT_EQ(
      written(),
      "{\"time\":\"2025-11-22T17:24:13.000000Z\",\"level\":\"notice\",\"event\":\"decision\",\"decision\":\"deny\","
      "\"reason\":"
      "\"expired\",\"provider\":\"auth0\",\"user\":\"ab12\",\"project\":\"\",\"resource\":\"\",\"method\":\"GET\","
      "\"duration_us\":41,\"request_id\":\"r-1\"}\n");
}

TEST_F(LogTest, allows_are_written_only_when_asked_for) {
  Log log(options());
  log.decision(refusal(base::Reason::kOk));
  log.flush();
  EXPECT_EQ(written(), "");
  log.set_decisions(true, 20);
  log.decision(refusal(base::Reason::kOk));
  log.flush();
  EXPECT_THAT(written(), HasSubstr("\"decision\":\"allow\",\"reason\":\"ok\""));
}

TEST_F(LogTest, a_flood_of_refusals_is_cut_and_the_rest_counted) {
  Log log(options());
  log.set_decisions(false, 3);
  for (int i = 0; i < 10; ++i) log.decision(refusal(base::Reason::kBadSignature));
  clock_.now += 1s;
  log.decision(refusal(base::Reason::kBadSignature));
  log.flush();
  const std::string text = written();
  EXPECT_EQ(std::ranges::count(text, '\n'), 4);
  EXPECT_THAT(text, HasSubstr("\"omitted\":7}"));
}

TEST_F(LogTest, a_reader_that_hangs_costs_lines_and_never_waits) {
  auto small = options();
  small.max_queued = 16;
  Log log(small);
  const std::string text(2000, 'x');
  for (int i = 0; i < 500; ++i) log.write(Level::kInfo, "flood", text);
  EXPECT_GT(log.dropped(), 0U);
}

TEST_F(LogTest, a_reader_that_is_gone_does_not_kill_the_process) {
  Log log(options());
  close_reader();
  log.write(Level::kInfo, "nobody", "listens");
  log.flush();
  EXPECT_EQ(log.dropped(), 1U);
}

TEST_F(LogTest, what_is_queued_is_written_before_the_end) {
  {
    Log log(options());
    for (int i = 0; i < 100; ++i) log.write(Level::kInfo, "last", "words");
  }
  EXPECT_EQ(std::ranges::count(written(), '\n'), 100);
}

TEST_F(LogTest, many_threads_write_whole_lines) {
  {
    Log log(options());
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&log] {
        for (int i = 0; i < 50; ++i) log.write(Level::kInfo, "line", "from a thread");
      });
    }
  }
  const std::string text = written();
  EXPECT_EQ(std::ranges::count(text, '\n'), 200);
  EXPECT_EQ(text.find("}{"), std::string::npos);
}

// A stand-in for the journal: what it was sent, datagram by datagram, each as its fields.
class JournalTest : public LogTest {
 protected:
  void SetUp() override {
    LogTest::SetUp();
    listen();
  }
  void listen() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ASSERT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  void TearDown() override {
    ::close(fd_);
    LogTest::TearDown();
  }
  [[nodiscard]] Log::Options to_journal() const {
    Log::Options made = options();
    made.has_priority_prefix = true;
    made.journal = path_;
    return made;
  }
  // Empty: there is none.
  [[nodiscard]] std::map<std::string, std::string> record() const {
    std::array<char, 65536> buffer{};
    const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), 0);
    std::string_view rest(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    std::map<std::string, std::string> fields;
    while (!rest.empty()) {
      const std::string name(rest.substr(0, rest.find('\n')));
      rest.remove_prefix(name.size() + 1);
      std::uint64_t size = 0;
      std::memcpy(&size, rest.data(), sizeof size);
      fields[name] = rest.substr(sizeof size, size);
      EXPECT_EQ(rest.at(sizeof size + size), '\n');
      rest.remove_prefix(sizeof size + size + 1);
    }
    return fields;
  }
  test::TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/socket";
  int fd_ = -1;
};

TEST_F(JournalTest, gets_each_field_by_its_name_and_the_line_as_the_message) {
  Log log(to_journal());
  log.decision(refusal(base::Reason::kExpired));
  log.write(Level::kError, "odd", "two\nlines", {{"flag", true}, {"text", std::string_view("a\nPRIORITY=0")}});
  log.flush();
  auto fields = record();
  EXPECT_EQ(fields["PRIORITY"], "5");
  EXPECT_EQ(fields["SYSLOG_IDENTIFIER"], "bearerd");
  EXPECT_EQ(fields["BEARERD_EVENT"], "decision");
  EXPECT_EQ(fields["BEARERD_REASON"], "expired");
  EXPECT_EQ(fields["BEARERD_DURATION_US"], "41");
  EXPECT_FALSE(fields.contains("BEARERD_PROJECT")) << "empty";
  EXPECT_THAT(fields["MESSAGE"], testing::StartsWith("{\"time\":\"2025-11-22T17:24:13.000000Z\",\"level\":\"notice\""));
  EXPECT_THAT(fields["MESSAGE"], testing::EndsWith("\"request_id\":\"r-1\"}"));
  fields = record();
  EXPECT_EQ(fields["PRIORITY"], "3");
  EXPECT_EQ(fields["BEARERD_FLAG"], "true");
  EXPECT_EQ(fields["BEARERD_TEXT"], "a\nPRIORITY=0") << "a value adds no field";
  EXPECT_TRUE(record().empty());
  EXPECT_EQ(written(), "") << "not on standard error as well";
}

TEST_F(JournalTest, that_hangs_costs_lines_and_never_waits) {
  auto small = to_journal();
  small.max_queued = 4;
  std::unique_ptr<Log> log = std::make_unique<Log>(small);
  for (int i = 0; i < 5000; ++i) log->write(Level::kInfo, "flood", "x");
  EXPECT_GT(log->dropped(), 0U);
}

TEST_F(JournalTest, that_is_made_anew_gets_what_is_written_from_then_on) {
  Log log(to_journal());
  log.write(Level::kInfo, "before", "");
  log.flush();
  ::close(fd_);
  std::filesystem::remove(path_);
  log.write(Level::kInfo, "meanwhile", "");
  log.flush();
  EXPECT_EQ(log.dropped(), 1U);
  listen();
  log.write(Level::kInfo, "after", "");
  log.flush();
  EXPECT_EQ(record()["BEARERD_EVENT"], "after");
}

TEST_F(JournalTest, that_is_not_there_leaves_the_lines_with_their_priority_to_standard_error) {
  auto lost = to_journal();
  lost.journal += ".none";
  Log log(lost);
  log.write(Level::kWarning, "here", "");
  log.flush();
  EXPECT_THAT(written(), testing::StartsWith("<4>{"));
}

}  // namespace
}  // namespace bearerd::observe
