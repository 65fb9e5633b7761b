// Who may do what, over real sockets and the daemon's own decision path: tokens, API keys, deployments and routes.
#include <gtest/gtest.h>

#include "http/client.hpp"
#include "http/verify_listener.hpp"
#include "unit/verify/world.hpp"

namespace bearerd::http {
namespace {

using test::TestKey;
using test::World;
using testing::Client;

class AccessTest : public ::testing::Test {
 protected:
  AccessTest() {
    test::Entry& entry = world_.add("demo", World::kIssuer, {key_});
    entry.provider->settings.role_paths = {base::ClaimPath::from_text("roles")};
    settings::Dynamic& dynamic = world_.settings.dynamic;
    dynamic.deployments["gpt-4"] = {"models", std::vector<std::string>{"staff"}};
    dynamic.deployments["org/model"] = {"models", std::nullopt};
    dynamic.keys.push_back({settings::ApiKeyHash::of_key("s3cret"), "apollo", {"staff"}, false, std::nullopt});
    dynamic.keys.push_back(
        {settings::ApiKeyHash::of_key("office"), "gemini", {"staff"}, false, std::vector<std::string>{"10.0.0.0/8"}});
    add_route("public", "/public/.*").is_anonymous = true;
    add_route("staff", "/staff/.*").user_roles = {"staff"};
    settings::Route& hosted = add_route("hosted", "/hosted");
    hosted.hosts = {"app.example.com"};
    staff_ = "Authorization: Bearer " + key_.sign(world_.payload(R"(,"roles":["staff"])")) + "\r\n";
    guest_ = "Authorization: Bearer " + key_.sign(world_.payload(R"(,"roles":["guest"])")) + "\r\n";
  }

  settings::Route& add_route(const std::string& name, const std::string& path) {
    settings::Route& route = world_.settings.dynamic.routes.emplace_back();
    route.name = name;
    route.paths = {path};
    return route;
  }

  void start() {
    box_.publish(world_.snapshot());
    VerifyListenerOptions options;
    options.listen.verify = {{false, "127.0.0.1", 0, {}}};
    options.listen.threads = 1;
    options.make_worker = [this](unsigned) {
      verify::WorkerOptions worker;
      worker.snapshots = &box_;
      worker.clock = &world_.clock;
      worker.metrics = &world_.metrics;
      worker.cache_entries = 64;
      return std::make_unique<verify::DecisionWorker>(worker);
    };
    auto listener = VerifyListener::open(std::move(options));
    ASSERT_TRUE(listener) << listener.error().text;
    listener_ = std::move(*listener);
    listener_->start();
  }

  testing::Answer send(const std::string& request) {
    Client client(listener_->addresses().front());
    client.send(request);
    return client.read().value_or(testing::Answer{});
  }

  // The same question in the way of each endpoint that is told of a protected request.
  std::vector<testing::Answer> ask_all(const std::string& path, const std::string& credential,
                                       const std::string& host = "app.example.com") {
    const std::string original = "X-Original-Method: GET\r\nX-Original-URI: " + path + "\r\n" +
                                 (host.empty() ? "" : "X-Original-Host: " + host + "\r\n");
    const std::string forwarded = "X-Forwarded-Method: GET\r\nX-Forwarded-Uri: " + path + "\r\n" +
                                  (host.empty() ? "" : "X-Forwarded-Host: " + host + "\r\n");
    return {send("GET /verify/nginx HTTP/1.1\r\nHost: h\r\n" + original + credential + "\r\n"),
            send("GET /verify/forward HTTP/1.1\r\nHost: h\r\n" + forwarded + credential + "\r\n"),
            send("GET /verify/envoy" + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + credential + "\r\n")};
  }
  void expect(const std::string& path, const std::string& credential, int status, const std::string& reason) {
    const auto answers = ask_all(path, credential);
    const int folded = status == 200 || status == 401 ? status : 403;
    EXPECT_EQ(answers[0].status, folded) << path;
    EXPECT_TRUE(status == 200 || answers[0].has("X-Bearerd-Status: " + std::to_string(status))) << path;
    EXPECT_TRUE(answers[0].has("X-Bearerd-Reason: " + reason)) << path << '\n' << answers[0].head;
    EXPECT_EQ(answers[1].status, status) << path;
    EXPECT_EQ(answers[2].status, status) << path;
  }

  World world_;
  const TestKey key_ = TestKey::generate(base::Algorithm::kEs256, "k1");
  std::string staff_, guest_;
  runtime::SnapshotBox box_;
  std::unique_ptr<VerifyListener> listener_;
};

TEST_F(AccessTest, every_endpoint_decides_alike_about_deployments_and_routes) {
  start();
  expect("/openai/deployments/gpt-4/chat/completions?api-version=1", staff_, 200, "ok");
  expect("/openai/deployments/gpt-4/chat/completions", guest_, 403, "no_role");
  expect("/openai/deployments/gpt-4/chat/completions", "", 401, "no_token");
  expect("/openai/deployments/gpt-5/chat/completions", staff_, 404, "unknown_resource");
  expect("/openai/deployments/org%2Fmodel/chat/completions", guest_, 200, "ok");
  expect("/openai/deployments/gpt-4/chat%2Fcompletions", staff_, 400, "bad_request");
  expect("/staff/x", staff_, 200, "ok");
  expect("/staff/x", guest_, 403, "no_role");
  expect("/staff/./../staff//x", guest_, 403, "no_role");
  expect("/staff/x?a=/public/", "", 401, "no_token");
  expect("/elsewhere", staff_, 403, "no_route");
  expect("/public/x", "", 200, "ok");
  expect("/public/../staff/x", "", 401, "no_token");
  expect("/public/x", "Authorization: Bearer a.b.c\r\n", 401, "malformed");
}

TEST_F(AccessTest, an_api_key_is_taken_by_every_endpoint_and_named_by_its_project) {
  start();
  const std::string key = "Api-Key: s3cret\r\n";
  expect("/staff/x", key, 200, "ok");
  expect("/openai/deployments/gpt-4/x", key, 200, "ok");
  expect("/staff/x", "Api-Key: S3cret\r\n", 401, "unknown_api_key");
  for (const auto& answer : ask_all("/staff/x", key)) {
    EXPECT_TRUE(answer.has("X-Auth-Request-Project: apollo"));
    EXPECT_TRUE(answer.has("X-Auth-Request-Provider: api_key"));
    EXPECT_TRUE(answer.has("X-Auth-Request-User: "));
  }
  expect("/staff/x", "Api-Key: office\r\nX-Forwarded-For: 6.6.6.6, 10.1.2.3\r\n", 200, "ok");
  expect("/staff/x", "Api-Key: office\r\nX-Forwarded-For: 10.1.2.3, 6.6.6.6\r\n", 403, "address_not_allowed");
  expect("/staff/x", "Api-Key: office\r\n", 403, "address_not_allowed");
}

TEST_F(AccessTest, the_plain_endpoint_takes_a_deployment_by_name) {
  start();
  const auto ask = [&](const std::string& headers) {
    return send("GET /verify HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n").status;
  };
  EXPECT_EQ(ask(staff_ + "X-Bearerd-Resource: gpt-4\r\n"), 200);
  EXPECT_EQ(ask(guest_ + "X-Bearerd-Resource: gpt-4\r\n"), 403);
  EXPECT_EQ(ask(guest_ + "X-Bearerd-Resource: org/model\r\n"), 200);
  EXPECT_EQ(ask(staff_ + "X-Bearerd-Resource: gpt-5\r\n"), 404);
  EXPECT_EQ(ask("Api-Key: s3cret\r\nX-Bearerd-Resource: gpt-4\r\n"), 200);
  EXPECT_EQ(ask(staff_), 200);
  EXPECT_EQ(ask("X-Bearerd-Resource: gpt-4\r\n"), 401);
}

TEST_F(AccessTest, a_route_for_one_host_looks_at_the_endpoints_own_source_of_it) {
  start();
  for (const auto& answer : ask_all("/hosted", guest_, "App.example.com:8443")) EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(ask_all("/hosted", guest_, "other.example.com")[1].status, 403);
  const auto answers = ask_all("/hosted", guest_, "");
  EXPECT_TRUE(answers[0].has("X-Bearerd-Status: 400"));
  EXPECT_EQ(answers[1].status, 400);
  // Another family's header is not looked at.
  EXPECT_EQ(send("GET /verify/forward HTTP/1.1\r\nHost: app.example.com\r\nX-Original-Host: app.example.com\r\n"
                 "X-Forwarded-Method: GET\r\nX-Forwarded-Uri: /hosted\r\n" +
                 guest_ + "\r\n")
                .status,
            400);
}

TEST_F(AccessTest, an_unknown_deployment_can_be_hidden) {
  world_.settings.verify.hide_unknown = true;
  start();
  expect("/openai/deployments/gpt-5/x", staff_, 403, "no_role");
}

TEST_F(AccessTest, a_role_taken_away_is_gone_with_the_next_request_of_a_kept_connection) {
  start();
  Client client(listener_->addresses().front());
  const std::string question = "GET /verify/envoy/staff/x HTTP/1.1\r\nHost: h\r\n" + guest_ + "\r\n";
  client.send(question);
  EXPECT_EQ(client.status(), 403);
  world_.settings.dynamic.routes[1].user_roles = {"guest"};
  box_.publish(world_.snapshot());
  client.send(question);
  EXPECT_EQ(client.status(), 200);
  world_.settings.dynamic.routes[1].user_roles = {"staff"};
  box_.publish(world_.snapshot());
  client.send(question);
  EXPECT_EQ(client.status(), 403);
}

}  // namespace
}  // namespace bearerd::http
