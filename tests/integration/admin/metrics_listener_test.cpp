#include "http/metrics_listener.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <vector>

#include "integration/admin/raw_http.hpp"

namespace bearerd::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class MetricsListenerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = MetricsListener::open({settings::Address{false, "127.0.0.1", 0, ""}}, metrics_);
    ASSERT_TRUE(opened) << opened.error().text;
    listener_ = std::move(*opened);
  }
  [[nodiscard]] std::string ask(std::string_view request) const {
    return tests::exchange(tests::connect_loopback(listener_->port()), request);
  }
  observe::Metrics metrics_;
  std::unique_ptr<MetricsListener> listener_;
};

TEST_F(MetricsListenerTest, serves_the_text_format) {
  const std::string answer =
      ask("GET /metrics HTTP/1.1\r\nHost: b\r\nAccept: application/openmetrics-text;version=1.0.0\r\nAccept-Encoding: "
          "gzip\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(answer, HasSubstr("# TYPE bearerd_token_cache_hits_total counter\n"));
}

TEST_F(MetricsListenerTest, counts_its_own_connection) {
  EXPECT_THAT(ask("GET /metrics HTTP/1.1\r\nHost: b\r\n\r\n"),
              HasSubstr("bearerd_connections{listener=\"metrics\"} 1\n"));
}

TEST_F(MetricsListenerTest, answers_health_checks) {
  EXPECT_THAT(ask("GET /healthz HTTP/1.0\r\n\r\n"), HasSubstr("ok\n"));
}

TEST_F(MetricsListenerTest, head_has_the_length_and_no_body) {
  const std::string answer = ask("HEAD /metrics HTTP/1.1\r\nHost: b\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(MetricsListenerTest, takes_nothing_but_get_and_head) {
  const std::string answer = ask("POST /metrics HTTP/1.1\r\nHost: b\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(answer, HasSubstr("Allow: GET, HEAD\r\n"));
}

TEST_F(MetricsListenerTest, has_nothing_else) {
  for (const char* path : {"/", "/verify", "/v1/status", "/metrics/", "//metrics"}) {
    EXPECT_THAT(ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: b\r\n\r\n"), StartsWith("HTTP/1.1 404 ")) << path;
  }
}

TEST_F(MetricsListenerTest, closes_after_each_answer_so_that_nobody_keeps_a_thread) {
  EXPECT_THAT(ask("GET /healthz HTTP/1.1\r\nHost: b\r\nConnection: keep-alive\r\n\r\n"),
              HasSubstr("Connection: Close\r\n"));
}

TEST_F(MetricsListenerTest, who_says_nothing_or_no_whole_head_keeps_no_scrape_waiting) {
  std::vector<base::FileDescriptor> silent;
  // Of some an end can be seen, and POCO still wants more.
  const std::vector<std::string> beginnings{"", "GET /metrics HTTP/1.1\r\nHost: b\r\n", "\n\n", "GET /\n\n",
                                            "GET /" + std::string(20'000, 'a')};
  for (const std::size_t count : {40U, 300U}) {  // more than are let wait
    while (silent.size() < count) {
      silent.push_back(tests::connect_loopback(listener_->port()));
      tests::send_all(silent.back().get(), beginnings[silent.size() % beginnings.size()]);
    }
    const auto began = std::chrono::steady_clock::now();
    EXPECT_THAT(ask("GET /metrics HTTP/1.1\r\nHost: b\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
    EXPECT_LT(std::chrono::steady_clock::now() - began, 1500ms) << count;  // nobody's patience had to end
  }
}

TEST_F(MetricsListenerTest, who_stays_silent_is_sent_away) {
  const auto silent = tests::connect_loopback(listener_->port());
  EXPECT_EQ(tests::read_all(silent.get()), "");
}

TEST_F(MetricsListenerTest, who_speaks_late_is_heard) {
  const auto late = tests::connect_loopback(listener_->port());
  EXPECT_THAT(ask("GET /healthz HTTP/1.1\r\nHost: b\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(tests::exchange(late, "GET /healthz HTTP/1.1\r\nHost: b\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(MetricsListenerTest, who_speaks_in_pieces_is_heard) {
  const auto slow = tests::connect_loopback(listener_->port());
  for (const char* piece : {"G", "ET /healthz HTT", "P/1.1\r\nHost: b\r", "\n\r"}) {
    tests::send_all(slow.get(), piece);
    EXPECT_THAT(ask("GET /healthz HTTP/1.1\r\nHost: b\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  }
  EXPECT_THAT(tests::exchange(slow, "\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(MetricsListenerTest, a_head_that_is_longer_than_what_is_waited_for_is_read) {
  std::string head = "GET /healthz HTTP/1.1\r\nHost: b\r\n";
  for (int i = 0; i < 8; ++i) head += "X-" + std::to_string(i) + ": " + std::string(4000, 'x') + "\r\n";
  EXPECT_THAT(ask(head + "\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(MetricsListenerTest, who_says_no_more_hears_why_at_once) {
  const auto socket = tests::connect_loopback(listener_->port());
  tests::send_all(socket.get(), "GET /healthz HTT");
  ::shutdown(socket.get(), SHUT_WR);
  EXPECT_THAT(tests::read_all(socket.get()), StartsWith("HTTP/1.1 400 "));
}

TEST_F(MetricsListenerTest, an_address_that_is_taken_is_an_error_that_names_it) {
  const settings::Address taken{false, "127.0.0.1", listener_->port(), ""};
  const auto second = MetricsListener::open({taken}, metrics_);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().text, HasSubstr("127.0.0.1:" + std::to_string(listener_->port())));
}

}  // namespace
}  // namespace bearerd::http
