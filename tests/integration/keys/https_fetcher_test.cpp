#include "net/https_fetcher.hpp"

#include <gtest/gtest.h>

#include "integration/keys/fake_server.hpp"
#include "support/temporary_folder.hpp"

namespace bearerd::net {
namespace {

using base::ErrorCode;
using namespace std::chrono_literals;

base::Result<FetchResponse> get(const std::string& url, const std::string& ca_file = "",
                                std::chrono::milliseconds deadline = 5s) {
  static HttpsFetcher fetcher;
  FetchRequest request;
  request.url = url;
  request.ca_file = ca_file;
  request.deadline = deadline;
  request.max_body_bytes = 4096;
  return fetcher.fetch(request);
}

test::FakeServer::Handler says(const std::string& text) {
  return [text](const std::string&, Poco::Net::StreamSocket& client) { test::send(client, text); };
}

TEST(HttpsFetcher, body_status_and_freshness_come_back) {
  test::FakeServer server(
      says(test::http_answer(200, "hello", "Cache-Control: public\r\nCache-Control: max-age=60\r\nAge: 10\r\n")));
  const auto response = get(server.url("/keys"));
  ASSERT_TRUE(response) << response.error().text;
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->max_age, 50s);
}

TEST(HttpsFetcher, status_that_is_no_success_is_a_response) {
  test::FakeServer server(says(test::http_answer(503, "later")));
  EXPECT_EQ(get(server.url("/"))->status, 503);
}

TEST(HttpsFetcher, body_that_drips_ends_at_the_deadline) {
  test::FakeServer* self = nullptr;
  const auto drip = [&](const std::string&, Poco::Net::StreamSocket& client) {
    test::send(client, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    while (!self->is_stopping()) {
      test::send(client, "x");
      std::this_thread::sleep_for(5ms);
    }
  };
  test::FakeServer server(drip);
  self = &server;
  const auto start = std::chrono::steady_clock::now();
  const auto response = get(server.url("/"), "", 200ms);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
}

TEST(HttpsFetcher, body_beyond_the_limit_is_too_large_with_and_without_a_length) {
  test::FakeServer told(says(test::http_answer(200, std::string(5000, 'x'))));
  EXPECT_EQ(get(told.url("/")).error().code, ErrorCode::kTooLarge);
  test::FakeServer untold(says("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(5000, 'x')));
  EXPECT_EQ(get(untold.url("/")).error().code, ErrorCode::kTooLarge);
}

TEST(HttpsFetcher, body_that_ends_early_is_no_body) {
  test::FakeServer server(says("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"));
  EXPECT_EQ(get(server.url("/")).error().code, ErrorCode::kUnavailable);
}

TEST(HttpsFetcher, endless_headers_are_refused) {
  std::string text = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 1000; ++i) text += "X-" + std::to_string(i) + ": y\r\n";
  test::FakeServer server(says(text + "\r\n"));
  EXPECT_FALSE(get(server.url("/")));
}

TEST(HttpsFetcher, redirect_within_the_host_is_followed_and_not_forever) {
  test::FakeServer server([](const std::string& target, Poco::Net::StreamSocket& client) {
    const bool is_there = target == "/there";
    const std::string next = target == "/loop" ? "/loop" : "/there";
    test::send(client,
               is_there ? test::http_answer(200, "there") : test::http_answer(302, "", "Location: " + next + "\r\n"));
  });
  EXPECT_EQ(get(server.url("/here"))->body, "there");
  EXPECT_EQ(get(server.url("/loop")).error().code, ErrorCode::kDenied);
  EXPECT_EQ(server.requests(), 2 + 4);
}

TEST(HttpsFetcher, redirect_elsewhere_is_denied) {
  test::FakeServer other(says(test::http_answer(200, "stolen")));
  for (const std::string& place : {std::string("http://169.254.169.254/"), std::string("https://other.example/"),
                                   std::string("//other.example/"), other.url("/"), other.url("/", "127.0.0.1")}) {
    test::FakeServer server(says(test::http_answer(302, "", "Location: " + place + "\r\n")));
    EXPECT_EQ(get(server.url("/")).error().code, ErrorCode::kDenied) << place;
  }
  EXPECT_EQ(other.requests(), 0);
}

class HttpsFetcherTls : public testing::Test {
 protected:
  test::TemporaryFolder folder_;
  test::CertificateFiles localhost_ = test::make_certificate(folder_.path(), "localhost");
  test::CertificateFiles other_ = test::make_certificate(folder_.path(), "other.example");
};

TEST_F(HttpsFetcherTls, known_authority_and_right_name_are_accepted) {
  test::FakeServer server(localhost_, says(test::http_answer(200, "hello")));
  const auto response = get(server.url("/"), localhost_.certificate);
  ASSERT_TRUE(response) << response.error().text;
  EXPECT_EQ(response->body, "hello");
}

TEST_F(HttpsFetcherTls, unknown_authority_is_denied) {
  test::FakeServer server(localhost_, says(test::http_answer(200, "hello")));
  EXPECT_EQ(get(server.url("/")).error().code, ErrorCode::kDenied);
  EXPECT_EQ(get(server.url("/"), other_.certificate).error().code, ErrorCode::kDenied);
  EXPECT_EQ(server.requests(), 0);
}

TEST_F(HttpsFetcherTls, certificate_of_another_name_is_denied_on_local_hosts_too) {
  test::FakeServer other(other_, says(test::http_answer(200, "hello")));
  EXPECT_EQ(get(other.url("/"), other_.certificate).error().code, ErrorCode::kDenied);
  test::FakeServer server(localhost_, says(test::http_answer(200, "hello")));
  EXPECT_EQ(get(server.url("/", "127.0.0.1"), localhost_.certificate).error().code, ErrorCode::kDenied);
  EXPECT_EQ(other.requests() + server.requests(), 0);
}

TEST_F(HttpsFetcherTls, downgrade_by_redirect_is_denied) {
  test::FakeServer plain(says(test::http_answer(200, "stolen")));
  test::FakeServer server(localhost_, says(test::http_answer(302, "", "Location: " + plain.url("/") + "\r\n")));
  EXPECT_EQ(get(server.url("/"), localhost_.certificate).error().code, ErrorCode::kDenied);
  EXPECT_EQ(plain.requests(), 0);
}

TEST_F(HttpsFetcherTls, handshake_that_never_begins_ends_at_the_deadline) {
  const Poco::Net::ServerSocket silent(Poco::Net::SocketAddress("127.0.0.1", 0));
  const auto response =
      get("https://localhost:" + std::to_string(silent.address().port()) + "/", localhost_.certificate, 200ms);
  EXPECT_EQ(response.error().code, ErrorCode::kTimeout);
}

}  // namespace
}  // namespace bearerd::net
