#include "http/verify_listener.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/client.hpp"
#include "http/fake_worker.hpp"

namespace bearerd::http {
namespace {

using namespace std::chrono_literals;
using testing::Answer;
using testing::Client;
using testing::Desk;

std::string get(std::string_view target, std::string_view headers = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(headers) + "\r\n";
}

const std::string kGood = "Authorization: Bearer good\r\n";
const std::string kPark = "Authorization: Bearer park\r\n";

const settings::IntrospectionClient kShop{"shop", "", base::Secret(std::string_view("a-secret-of-the-shop"))};
const std::string kShopAuthorization = "Authorization: Basic c2hvcDphLXNlY3JldC1vZi10aGUtc2hvcA==\r\n";
const std::string kForm = "Content-Type: application/x-www-form-urlencoded\r\n";

std::string introspect(std::string_view headers, std::size_t body_size) {
  return "POST /introspect HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body_size) + "\r\n" +
         std::string(headers) + "\r\n";
}

class VerifyListenerTest : public ::testing::Test {
 protected:
  VerifyListenerTest() {
    settings_->verify.realm = "orders";
    listen_.verify = {{false, "127.0.0.1", 0, {}}};
    listen_.threads = 1;
  }

  void start() {
    desk_.snapshot->settings = settings_;
    VerifyListenerOptions options;
    options.listen = listen_;
    options.make_worker = [this](unsigned) { return std::make_unique<testing::FakeWorker>(desk_); };
    auto listener = VerifyListener::open(std::move(options));
    ASSERT_TRUE(listener) << listener.error().text;
    listener_ = std::move(*listener);
    listener_->start();
  }
  Client connect() { return Client(listener_->addresses().front()); }
  int ask(std::string_view request) {
    Client client = connect();
    client.send(request);
    return client.status();
  }

  std::shared_ptr<settings::Settings> settings_ = std::make_shared<settings::Settings>();
  settings::Listen listen_;
  Desk desk_;
  std::unique_ptr<VerifyListener> listener_;
};

TEST_F(VerifyListenerTest, a_good_token_is_200_with_identity_headers_and_no_body) {
  start();
  Client client = connect();
  client.send(get("/verify", kGood));
  const auto answer = client.read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_TRUE(answer->has("Content-Length: 0"));
  EXPECT_TRUE(answer->has("Cache-Control: no-store"));
  EXPECT_TRUE(answer->has("X-Auth-Request-User: u1"));
  EXPECT_TRUE(answer->has("X-Auth-Request-Email: "));
  EXPECT_TRUE(answer->has("X-Bearerd-Reason: ok"));
  EXPECT_THAT(answer->head, ::testing::Not(::testing::HasSubstr("Connection:")));
}

TEST_F(VerifyListenerTest, no_token_is_401_without_an_error_and_a_bad_one_with) {
  start();
  Client client = connect();
  client.send(get("/verify"));
  EXPECT_TRUE(client.read()->has("WWW-Authenticate: Bearer realm=\"orders\""));
  client.send(get("/verify", "Authorization: Bearer bad\r\n"));
  const auto answer = client.read();
  EXPECT_EQ(answer->status, 401);
  EXPECT_TRUE(
      answer->has("WWW-Authenticate: Bearer realm=\"orders\", error=\"invalid_token\", error_description=\"the token "
                  "is not valid\""));
  EXPECT_TRUE(answer->has("X-Bearerd-Reason: bad_signature"));
}

TEST_F(VerifyListenerTest, pipelined_requests_are_answered_in_their_order) {
  start();
  Client client = connect();
  client.send(get("/verify", kGood) + get("/verify") + get("/healthz") + get("/nothing") + get("/verify", kGood));
  EXPECT_EQ(client.status(), 200);
  EXPECT_EQ(client.status(), 401);
  EXPECT_EQ(client.status(), 200);
  EXPECT_EQ(client.status(), 404);
  EXPECT_EQ(client.status(), 200);
}

TEST_F(VerifyListenerTest, connect_and_upgrade_requests_do_not_lose_what_is_pipelined_behind_them) {
  start();
  Client client = connect();
  client.send("CONNECT example.test:443 HTTP/1.1\r\nHost: h\r\n\r\n" +
              get("/verify", kGood + "Connection: upgrade\r\nUpgrade: websocket\r\n") +
              "CONNECT example.test:443 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" + get("/verify", kGood));
  EXPECT_EQ(client.status(), 400);
  EXPECT_EQ(client.status(), 200);
  EXPECT_EQ(client.status(), 400);
  EXPECT_EQ(client.status(), 200);
}

TEST_F(VerifyListenerTest, every_method_is_taken_and_an_unknown_one_is_501) {
  start();
  Client client = connect();
  for (const std::string method :
       {"GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "TRACE", "QUERY", "M-SEARCH"}) {
    client.send(method + " /verify HTTP/1.1\r\nHost: h\r\n" + kGood + "\r\n");
    const auto answer = client.read();
    if (method == "QUERY") {  // not in every llhttp
      if (!answer || answer->status == 501) client = connect();
      continue;
    }
    ASSERT_TRUE(answer) << method;
    EXPECT_EQ(answer->status, 200) << method;
  }
  client.send("HEAD /readyz HTTP/1.1\r\nHost: h\r\n\r\n" + get("/verify", kGood));
  EXPECT_TRUE(client.read(true));
  EXPECT_EQ(client.status(), 200);
  EXPECT_EQ(ask("BREW /verify HTTP/1.1\r\nHost: h\r\n\r\n"), 501);
  EXPECT_EQ(ask(std::string("\x16\x03\x01\x02\x00\x01", 6)), 400);
}

TEST_F(VerifyListenerTest, http_1_0_closes_unless_it_asks_to_stay) {
  start();
  Client closing = connect();
  closing.send("GET /verify HTTP/1.0\r\n" + kGood + "\r\n");
  const auto answer = closing.read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_TRUE(answer->has("Connection: close"));
  EXPECT_TRUE(closing.is_closed());
  Client staying = connect();
  for (int i = 0; i < 2; ++i) {
    staying.send("GET /verify HTTP/1.0\r\nConnection: keep-alive\r\n" + kGood + "\r\n");
    EXPECT_TRUE(staying.read()->has("Connection: keep-alive"));
  }
}

TEST_F(VerifyListenerTest, connection_close_is_honoured) {
  start();
  Client client = connect();
  client.send(get("/verify", kGood + "Connection: close\r\n") + get("/verify", kGood));
  const auto answer = client.read();
  EXPECT_TRUE(answer->has("Connection: close"));
  EXPECT_TRUE(client.is_closed());
}

TEST_F(VerifyListenerTest, requests_may_come_byte_by_byte) {
  start();
  Client client = connect();
  const std::string request =
      "POST /verify/nginx HTTP/1.1\r\nHost: h\r\nX-Original-Method: GET\r\nX-Original-URI: /a/b?c\r\nX-Empty:\r\n" +
      kGood + "Content-Length: 3\r\n\r\nabc";
  for (int round = 0; round < 2; ++round) {
    for (const char byte : request) client.send({&byte, 1});
    EXPECT_EQ(client.status(), 200);
  }
}

TEST_F(VerifyListenerTest, smuggled_and_malformed_requests_are_400_and_end_the_connection) {
  start();
  const std::string line = "POST /verify HTTP/1.1\r\n";
  const std::string host = "Host: h\r\n";
  const std::vector<std::string> requests{
      "GET /verify HTTP/1.1\nHost: h\n\n",
      line + "Host: h\n" + kGood + "\r\n",
      line + host + "A: b\r\n c\r\n" + kGood + "\r\n",
      line + host + "Authorization : Bearer good\r\n\r\n",
      line + host + "Content-Length: 3\r\nContent-Length: 3\r\n" + kGood + "\r\nabc",
      line + host + "Content-Length: 3\r\nContent-Length: 4\r\n" + kGood + "\r\nabc",
      line + host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n" + kGood + "\r\n0\r\n\r\n",
      line + host + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n" + kGood + "\r\n0\r\n\r\n",
      line + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" + kGood + "\r\n0\r\n\r\n",
      "POST /verify HTTP/1.0\r\nTransfer-Encoding: chunked\r\n" + kGood + "\r\n0\r\n\r\n",
      line + host + host + kGood + "\r\n",
      line + kGood + "\r\n",
      "GET /verify\xC3\xA9 HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /verify ICE/1.0\r\nHost: h\r\n\r\n",
      "GET  /verify HTTP/1.1\r\nHost: h\r\n" + kGood + "\r\n",
      "GET /verify HTTP/1.1 \r\nHost: h\r\n" + kGood + "\r\n",
      line + host + "Content-Length: -1\r\n" + kGood + "\r\n",
      line + host + "Content-Length: 99999999999999999999999\r\n" + kGood + "\r\n",
      line + host + std::string("A: b\0c\r\n", 8) + kGood + "\r\n",
      line + host + "A: b\r\n\r" + get("/verify", kGood),
      line + host + "Transfer-Encoding: gzip\r\n" + kGood + "\r\n",
      line + host + "Content_Length: 3\r\n" + kGood + "\r\nabc",
      line + host + ": b\r\n" + kGood + "\r\n",
  };
  for (const std::string& request : requests) {
    Client client = connect();
    client.send(request);
    const auto answer = client.read();
    ASSERT_TRUE(answer) << request;
    EXPECT_TRUE(answer->status == 400 || answer->status == 505) << answer->status << "\n" << request;
    EXPECT_TRUE(answer->has("Connection: close")) << request;
    EXPECT_TRUE(client.is_closed()) << request;
  }
}

TEST_F(VerifyListenerTest, nothing_behind_a_chunked_request_is_ever_a_request) {
  start();
  for (const std::string body :
       {"3\r\nabc\r\n0\r\n\r\n", "0\r\n\r\n", "0;x=\n\r\n\r\n", "0\n\n", "0\r\nA: b\r\n\r\n", "5"}) {
    Client client = connect();
    client.send("POST /verify HTTP/1.1\r\nHost: h\r\n" + kGood + "Transfer-Encoding: chunked\r\n\r\n" + body +
                get("/verify", kGood));
    const auto answer = client.read();
    ASSERT_TRUE(answer) << body;
    EXPECT_EQ(answer->status, 200) << body;
    EXPECT_TRUE(answer->has("Connection: close")) << body;
    client.finish_sending();
    EXPECT_TRUE(client.is_closed()) << body;
  }
}

TEST_F(VerifyListenerTest, other_versions_are_505) {
  start();
  EXPECT_EQ(ask("GET /verify HTTP/2.0\r\nHost: h\r\n\r\n"), 505);
  EXPECT_EQ(ask("GET /verify HTTP/0.9\r\nHost: h\r\n\r\n"), 505);
}

TEST_F(VerifyListenerTest, no_path_trick_is_200_without_a_token) {
  start();
  for (const std::string target : {"/verify/envoy/../../healthz",
                                   "/verify/envoy/%2e%2e/%2e%2e/healthz",
                                   "/verify/envoy//..//..//healthz",
                                   "/verify/envoy/..%2f..%2fhealthz",
                                   "/verify/envoy",
                                   "/verify/envoy/",
                                   "/verify/envoy?/healthz",
                                   "/verify/envoy/healthz",
                                   "/verify/./envoy/healthz",
                                   "//healthz",
                                   "/./healthz",
                                   "/healthz/",
                                   "/healthz/..",
                                   "/HEALTHZ",
                                   "/%68ealthz",
                                   "/verify/nginx/../../healthz",
                                   "http://h/healthz",
                                   "https://h/healthz",
                                   "*",
                                   "/verify/envoyhealthz",
                                   "/healthz%3f",
                                   "/readyz/../healthz",
                                   "/healthz;x",
                                   "/verify%2fenvoy/healthz",
                                   "/verify/envoy/..;/healthz"}) {
    const int status = ask(get(target));
    EXPECT_NE(status, 200) << target;
    EXPECT_NE(status, 0) << target;
  }
  EXPECT_EQ(ask(get("/healthz?x")), 200);
}

TEST_F(VerifyListenerTest, nginx_gets_three_statuses_and_the_true_one_beside_them) {
  start();
  Client client = connect();
  const std::string source = "X-Original-Method: GET\r\nX-Original-URI: /a\r\n";
  client.send(get("/verify/nginx", kGood + source));
  EXPECT_TRUE(client.read()->has("X-Bearerd-Status: 200"));
  client.send(get("/verify/nginx", source));
  const auto refused = client.read();
  EXPECT_EQ(refused->status, 401);
  EXPECT_TRUE(refused->has("X-Bearerd-Status: 401"));
  client.send(get("/verify/nginx", kGood + "X-Original-Method: GET\r\n"));
  const auto folded = client.read();
  EXPECT_EQ(folded->status, 403);
  EXPECT_TRUE(folded->has("X-Bearerd-Status: 400"));
  EXPECT_TRUE(folded->has("X-Bearerd-Reason: bad_request"));
  client.send(get("/verify/nginx", "Authorization: Bearer throw\r\n" + source));
  const auto broken = client.read();
  EXPECT_EQ(broken->status, 403);
  EXPECT_TRUE(broken->has("X-Bearerd-Status: 503"));
  EXPECT_TRUE(broken->has("Retry-After: 1"));
}

TEST_F(VerifyListenerTest, envoy_is_told_which_headers_to_remove) {
  settings_->verify.strip_credentials = true;
  start();
  Client client = connect();
  client.send("DELETE /verify/envoy/a//b?c HTTP/1.1\r\nHost: shop\r\n" + kGood + "\r\n");
  const auto answer = client.read();
  EXPECT_EQ(answer->status, 200);
  EXPECT_TRUE(answer->has("x-envoy-auth-headers-to-remove: X-Auth-Request-Email,authorization,api-key"));
  EXPECT_THAT(answer->head, ::testing::Not(::testing::HasSubstr("X-Bearerd-Reason")));
}

TEST_F(VerifyListenerTest, a_parked_request_is_answered_when_another_thread_resumes_it) {
  start();
  Client client = connect();
  client.send(get("/verify", kGood) + get("/verify", kPark) + get("/verify"));
  EXPECT_EQ(client.status(), 200);
  desk_.wait_for_parked(1);
  EXPECT_EQ(ask(get("/verify", kGood)), 200);
  std::thread([this] { desk_.resume_all(); }).join();
  EXPECT_EQ(client.status(), 200);
  EXPECT_EQ(client.status(), 401);
}

TEST_F(VerifyListenerTest, a_parked_request_is_answered_at_its_deadline_and_a_late_resume_does_no_harm) {
  desk_.patience = 20ms;
  start();
  Client client = connect();
  client.send(get("/verify/forward", kPark + "X-Forwarded-Method: GET\r\nX-Forwarded-Uri: /\r\n"));
  const auto answer = client.read();
  EXPECT_EQ(answer->status, 503);
  EXPECT_TRUE(answer->has("Retry-After: 7"));
  desk_.resume_all();
  client.send(get("/verify", kGood));
  EXPECT_EQ(client.status(), 200);
}

TEST_F(VerifyListenerTest, a_client_that_leaves_while_its_request_is_parked_costs_nothing_more) {
  start();
  {
    Client client = connect();
    client.send(get("/verify", kPark));
    desk_.wait_for_parked(1);
  }
  desk_.resume_all();
  EXPECT_EQ(ask(get("/verify", kGood)), 200);
  EXPECT_TRUE(listener_->drain(std::chrono::steady_clock::now() + 10s));
}

TEST_F(VerifyListenerTest, idle_connections_starve_nobody) {
  start();
  std::vector<std::unique_ptr<Client>> idle;
  for (int i = 0; i < 64; ++i) {
    idle.push_back(std::make_unique<Client>(listener_->addresses().front()));
    idle.back()->send(get("/verify", kGood));
    ASSERT_EQ(idle.back()->status(), 200);
  }
  EXPECT_EQ(ask(get("/verify", kGood)), 200);
  for (const auto& client : idle) client->send(get("/verify", kGood));
  for (const auto& client : idle) EXPECT_EQ(client->status(), 200);
}

TEST_F(VerifyListenerTest, a_slow_request_is_408_and_an_idle_connection_is_closed) {
  listen_.header_timeout = 50ms;
  listen_.idle_timeout = 50ms;
  start();
  Client slow = connect();
  slow.send("GET /verify HTTP/1.1\r\nHo");
  EXPECT_EQ(slow.status(), 408);
  EXPECT_TRUE(slow.is_closed());
  Client idle = connect();
  EXPECT_TRUE(idle.is_closed());
  Client body = connect();
  body.send("POST /verify HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n" + kGood + "\r\nabc");
  EXPECT_EQ(body.status(), 200);
  EXPECT_TRUE(body.is_closed());
}

TEST_F(VerifyListenerTest, a_form_that_stalls_is_408_and_the_listener_goes_on) {
  settings_->verify.introspection_clients = {kShop};
  listen_.header_timeout = 50ms;
  start();
  for (const std::string_view begun : {"", "t", "token=good&x="}) {
    Client stalled = connect();
    stalled.send(introspect(kShopAuthorization + kForm, 20) + std::string(begun));
    EXPECT_EQ(stalled.status(), 408) << begun;
    EXPECT_TRUE(stalled.is_closed());
  }
  EXPECT_EQ(ask(get("/verify", kGood)), 200);
}

TEST_F(VerifyListenerTest, only_a_form_of_a_known_client_is_waited_for) {
  settings_->verify.introspection_clients = {kShop};
  start();
  const std::string expects = "Expect: 100-continue\r\n";
  EXPECT_EQ(ask(introspect(kForm + expects, 20)), 401);
  EXPECT_EQ(ask(introspect(kForm + "Authorization: Basic c2hvcDp3cm9uZw==\r\n", 20)), 401);
  EXPECT_EQ(ask(introspect(kForm + kShopAuthorization + kShopAuthorization, 20)), 401);
  EXPECT_EQ(ask(introspect(kShopAuthorization + "Content-Type: application/json\r\n" + expects, 20)), 400);
  EXPECT_EQ(ask(introspect(kShopAuthorization, 20)), 400);
  Client stranger = connect();
  stranger.send(introspect(kForm, 10) + "token=good" + get("/verify", kGood));
  EXPECT_EQ(stranger.status(), 401);
  EXPECT_EQ(stranger.status(), 200);
  Client known = connect();
  known.send(introspect(kForm + kShopAuthorization + expects, 10));
  EXPECT_EQ(known.status(), 100);
  known.send("token=good");
  const auto answer = known.read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_THAT(answer->body, ::testing::HasSubstr("\"active\":true"));
}

TEST_F(VerifyListenerTest, large_heads_pass_up_to_the_limit_and_are_431_above) {
  listen_.max_header_bytes = 16 * 1024;
  start();
  EXPECT_EQ(ask(get("/verify", kGood + "Cookie: " + std::string(10'000, 'c') + "\r\n")), 200);
  Client client = connect();
  client.send(get("/verify", kGood + "Cookie: " + std::string(20'000, 'c') + "\r\n"));
  EXPECT_EQ(client.status(), 431);
  Client nginx = connect();
  nginx.send(get("/verify/nginx", kGood + "Cookie: " + std::string(20'000, 'c') + "\r\n"));
  const auto answer = nginx.read();
  EXPECT_EQ(answer->status, 403);
  EXPECT_TRUE(answer->has("X-Bearerd-Status: 431"));
}

TEST_F(VerifyListenerTest, bodies_are_drained_up_to_the_limit) {
  listen_.max_body_bytes = 1000;
  start();
  Client client = connect();
  client.send("POST /verify HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n" + kGood + "\r\n" + std::string(1000, 'x') +
              get("/verify"));
  EXPECT_EQ(client.status(), 200);
  EXPECT_EQ(client.status(), 401);
  client.send("POST /verify HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n" + kGood + "\r\n" + std::string(1001, 'x') +
              get("/verify"));
  const auto answer = client.read();
  EXPECT_EQ(answer->status, 200);
  EXPECT_TRUE(answer->has("Connection: close"));
  EXPECT_TRUE(client.is_closed());
  Client chunked = connect();
  chunked.send("POST /verify HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n" + kGood + "\r\n7d0\r\n" +
               std::string(2000, 'x') + "\r\n0\r\n\r\n" + get("/verify", kGood));
  EXPECT_EQ(chunked.status(), 200);
  EXPECT_TRUE(chunked.is_closed());
}

TEST_F(VerifyListenerTest, an_expected_continue_gets_the_final_answer) {
  start();
  Client client = connect();
  client.send("POST /verify HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n" + kGood + "\r\n");
  const auto answer = client.read();
  EXPECT_EQ(answer->status, 200);
  EXPECT_TRUE(answer->has("Connection: close"));
}

TEST_F(VerifyListenerTest, a_connection_above_the_limit_gets_a_quick_503) {
  listen_.max_connections = 2;
  start();
  Client first = connect();
  Client second = connect();
  first.send(get("/verify", kGood));
  second.send(get("/verify", kGood));
  ASSERT_EQ(first.status(), 200);
  ASSERT_EQ(second.status(), 200);
  Client third = connect();
  const auto answer = third.read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_TRUE(answer->has("Retry-After: 1"));
  EXPECT_TRUE(third.is_closed());
  EXPECT_THAT(desk_.refused, ::testing::Contains(base::Reason::kOverloaded));
}

TEST_F(VerifyListenerTest, a_drain_answers_what_is_under_way_and_closes_the_rest) {
  start();
  Client idle = connect();
  idle.send(get("/verify", kGood));
  ASSERT_EQ(idle.status(), 200);
  Client parked = connect();
  parked.send(get("/verify", kPark));
  desk_.wait_for_parked(1);
  EXPECT_FALSE(listener_->drain(std::chrono::steady_clock::now() + 50ms));
  EXPECT_TRUE(idle.is_closed());
  EXPECT_FALSE(connect().is_connected());
  desk_.resume_all();
  const auto answer = parked.read();
  EXPECT_EQ(answer->status, 200);
  EXPECT_TRUE(answer->has("Connection: close"));
  EXPECT_TRUE(listener_->drain(std::chrono::steady_clock::now() + 10s));
}

TEST_F(VerifyListenerTest, whatever_a_request_or_a_turn_throws_it_is_503_and_the_listener_goes_on) {
  desk_.has_broken_refusals = true;
  start();
  Client client = connect();
  client.send(get("/verify", kGood) + get("/verify", "Authorization: Bearer throw\r\n") + get("/verify", kGood));
  EXPECT_EQ(client.status(), 200);
  EXPECT_EQ(client.status(), 503);
  EXPECT_EQ(client.status(), 200);
  EXPECT_EQ(ask("GET /verify HTTP/1.1\r\n\r\n"), 400);
  desk_.has_broken_turns = true;
  client.send(get("/verify", kGood) + get("/healthz"));
  EXPECT_EQ(client.status(), 503);
  EXPECT_EQ(client.status(), 503);
  EXPECT_EQ(ask(get("/verify/nginx", kGood + "X-Original-Method: GET\r\nX-Original-URI: /a\r\n")), 403);
  desk_.has_broken_turns = false;
  client.send(get("/verify", kGood));
  EXPECT_EQ(client.status(), 200);
  client.close();
  EXPECT_TRUE(listener_->drain(std::chrono::steady_clock::now() + 10s));
  EXPECT_EQ(listener_->connections(), 0U);
}

TEST_F(VerifyListenerTest, what_posted_work_throws_ends_neither_the_other_work_nor_the_loop) {
  class Turns final : public TurnObserver {
    void begin_turn(base::SteadyTime) override {}
    std::optional<base::SteadyTime> end_turn(base::SteadyTime) override { throw 1; }
  } turns;
  auto loop = EventLoop::open();
  ASSERT_TRUE(loop);
  int done = 0;
  ASSERT_TRUE((*loop)->mailbox()->post([] { throw 1; }));
  ASSERT_TRUE((*loop)->mailbox()->post([&] {
    ++done;
    (*loop)->stop();
  }));
  (*loop)->run(turns);
  EXPECT_EQ(done, 1);
  const auto mailbox = (*loop)->mailbox();
  loop->reset();
  EXPECT_FALSE(mailbox->post([] {}));
}

TEST_F(VerifyListenerTest, a_drain_answers_connections_that_nobody_had_accepted_yet) {
  start();
  std::vector<std::unique_ptr<Client>> waiting;
  for (int i = 0; i < 100; ++i) {
    waiting.push_back(std::make_unique<Client>(listener_->addresses().front()));
    ASSERT_TRUE(waiting.back()->is_connected());
    if (i % 2 == 0) waiting.back()->send(get("/verify", kGood));
  }
  std::thread drain([this] { EXPECT_TRUE(listener_->drain(std::chrono::steady_clock::now() + 10s)); });
  for (std::size_t i = 1; i < waiting.size(); i += 2) waiting[i]->send(get("/verify", kGood));
  for (const auto& client : waiting) EXPECT_EQ(client->status(), 200);
  drain.join();
}

TEST_F(VerifyListenerTest, answers_that_a_client_does_not_read_wait_without_loss) {
  start();
  Client client = connect();
  std::string many;
  constexpr int kCount = 20'000;
  for (int i = 0; i < kCount; ++i) many += get("/verify", kGood);
  std::thread sender([&] { client.send(many); });
  EXPECT_EQ(ask(get("/verify", kGood)), 200);
  for (int i = 0; i < kCount; ++i) ASSERT_EQ(client.status(), 200) << i;
  sender.join();
}

TEST_F(VerifyListenerTest, metadata_is_served_where_rfc_9728_wants_it) {
  settings_->verify.resource = "https://api.test/orders";
  desk_.snapshot->resource_metadata = R"({"resource":"https://api.test/orders"})";
  start();
  Client client = connect();
  client.send(get("/.well-known/oauth-protected-resource/orders"));
  const auto answer = client.read();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, desk_.snapshot->resource_metadata);
  EXPECT_TRUE(answer->has("Content-Type: application/json"));
  client.send(get("/.well-known/oauth-protected-resource"));
  EXPECT_EQ(client.status(), 200);
  client.send(get("/.well-known/oauth-protected-resource/other"));
  EXPECT_EQ(client.status(), 404);
  client.send("POST /.well-known/oauth-protected-resource HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto refused = client.read();
  EXPECT_EQ(refused->status, 405);
  EXPECT_TRUE(refused->has("Allow: GET, HEAD"));
  client.send(get("/verify"));
  EXPECT_TRUE(
      client.read()->has("WWW-Authenticate: Bearer realm=\"orders\", "
                         "resource_metadata=\"https://api.test/.well-known/oauth-protected-resource/orders\""));
}

TEST_F(VerifyListenerTest, unix_sockets_are_served_by_all_loops_and_removed_at_the_end) {
  const std::string path = ::testing::TempDir() + "bearerd-" + std::to_string(::getpid()) + ".sock";
  listen_.verify = {{true, {}, 0, path}};
  listen_.threads = 2;
  start();
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0660U);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(ask(get("/verify", kGood)), 200);
  VerifyListenerOptions second;
  second.listen = listen_;
  second.make_worker = [this](unsigned) { return std::make_unique<testing::FakeWorker>(desk_); };
  const auto refused = VerifyListener::open(std::move(second));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, ::testing::HasSubstr(path));
  listener_->stop();
  EXPECT_NE(::stat(path.c_str(), &status), 0);
}

TEST_F(VerifyListenerTest, a_socket_file_that_its_group_can_not_open_is_told) {
  const std::string path = ::testing::TempDir() + "bearerd-closed-" + std::to_string(::getpid()) + ".sock";
  VerifyListenerOptions options;
  options.listen.verify = {{true, {}, 0, path}};
  options.socket_group = "bearerd-no-such-group";
  options.make_worker = [this](unsigned) { return std::make_unique<testing::FakeWorker>(desk_); };
  const auto listener = VerifyListener::open(std::move(options));
  ASSERT_TRUE(listener) << listener.error().text;
  EXPECT_EQ((*listener)->closed_to_group(), std::vector<std::string>{path});
}

TEST_F(VerifyListenerTest, a_port_that_is_taken_is_an_error_that_names_it) {
  start();
  VerifyListenerOptions second;
  second.listen = listen_;
  second.listen.verify = listener_->addresses();
  second.make_worker = [this](unsigned) { return std::make_unique<testing::FakeWorker>(desk_); };
  const auto refused = VerifyListener::open(std::move(second));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, ::testing::HasSubstr(listener_->addresses().front().display()));
}

TEST_F(VerifyListenerTest, sockets_that_were_passed_are_served_and_outlive_the_listener) {
  auto sockets = open_tcp({false, "127.0.0.1", 0, {}}, 1);
  ASSERT_TRUE(sockets);
  const base::FileDescriptor kept(::dup(sockets->front().fd.get()));  // as the service manager does
  VerifyListenerOptions options;
  options.listen.verify = {bound_address(kept.get())};
  desk_.snapshot->settings = settings_;
  options.listen.threads = 2;
  options.passed.push_back(std::move(sockets->front()));
  options.make_worker = [this](unsigned) { return std::make_unique<testing::FakeWorker>(desk_); };
  auto listener = VerifyListener::open(std::move(options));
  ASSERT_TRUE(listener);
  listener_ = std::move(*listener);
  listener_->start();
  EXPECT_EQ(ask(get("/verify", kGood)), 200);
  listener_->stop();
  // Whoever comes now waits for the successor.
  const auto taken_over = adopt(base::FileDescriptor(::dup(kept.get())));
  EXPECT_TRUE(taken_over) << taken_over.error().text;
}

TEST_F(VerifyListenerTest, loops_beat_while_they_turn) {
  start();
  const auto before = listener_->heartbeats();
  ASSERT_EQ(before.size(), 1U);
  ask(get("/verify", kGood));
  EXPECT_GT(listener_->heartbeats().front(), before.front());
}

}  // namespace
}  // namespace bearerd::http
