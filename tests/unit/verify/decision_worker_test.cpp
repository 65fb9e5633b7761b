#include "verify/decision_worker.hpp"

#include <gtest/gtest.h>

#include "explained.hpp"
#include "state/embedded_store.hpp"
#include "world.hpp"

namespace bearerd::verify {
namespace {

using base::Algorithm;
using base::Reason;
using test::TestKey;
using test::World;

class DecisionWorkerTest : public testing::Test {
 protected:
  void SetUp() override { open(nullptr); }
  void open(state::UsageStore* usage) {
    publish();
    WorkerOptions options;
    options.snapshots = &box_;
    options.clock = &world_.clock;
    options.metrics = &world_.metrics;
    options.cache_entries = 64;
    options.usage = usage;
    options_ = options;
    worker_ = std::make_unique<DecisionWorker>(options);
  }
  // Whatever is asked in these tests is explained, too: both have to say the same.
  std::optional<Decision> decide_and_explain(const Request& request, Attempt& attempt) {
    const bool is_fresh = attempt.snapshot == nullptr && attempt.judged == nullptr;
    const test::Explained explained = is_fresh ? test::explain(world_, options_, request, attempt) : test::Explained{};
    worker_->begin_turn();
    auto decision = worker_->decide(request, attempt);
    if (is_fresh) test::expect_same(explained, decision);
    return decision;
  }
  void publish() { box_.publish(world_.snapshot()); }
  std::optional<Decision> decide(const std::string& token, Attempt& attempt, std::string_view resource = {}) {
    Request request;
    request.credential_kind = CredentialKind::kBearer;
    request.credential = token;
    request.resource = resource;
    request.arrived_at = world_.clock.steady();
    return decide_and_explain(request, attempt);
  }
  Reason reason_of(const std::string& token, std::string_view resource = {}) {
    Attempt attempt;
    const auto decision = decide(token, attempt, resource);
    return decision ? decision->reason : Reason::kInternal;
  }
  // `credential` empty: none. `kind` as it would come.
  std::optional<Decision> ask(const std::string& credential, Request request,
                              CredentialKind kind = CredentialKind::kBearer) {
    request.credential_kind = credential.empty() ? CredentialKind::kNone : kind;
    request.credential = credential;
    request.arrived_at = world_.clock.steady();
    Attempt attempt;
    return decide_and_explain(request, attempt);
  }
  Decision ask_path(const std::string& credential, std::string_view path,
                    CredentialKind kind = CredentialKind::kBearer) {
    Request request;
    request.method = "GET";
    request.path = path;
    return ask(credential, request, kind).value();
  }
  settings::Route& add_route(const std::string& name, const std::string& path) {
    settings::Route& route = world_.settings.dynamic.routes.emplace_back();
    route.name = name;
    route.paths = {path};
    return route;
  }
  void add_key(const std::string& key, const std::string& project, std::vector<std::string> roles,
               std::optional<std::vector<std::string>> ranges = std::nullopt) {
    world_.settings.dynamic.keys.push_back(
        {settings::ApiKeyHash::of_key(key), project, std::move(roles), false, std::move(ranges)});
  }
  double metric(const std::string& name) {
    const std::string text = world_.metrics.expose();
    const std::size_t at = text.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
  }
  double hits() { return metric("bearerd_token_cache_hits_total"); }

  World world_;
  const TestKey key_ = TestKey::generate(Algorithm::kEs256, "k1");
  test::Entry& entry_ = world_.add("demo", World::kIssuer, {key_});
  runtime::SnapshotBox box_;
  WorkerOptions options_;
  std::unique_ptr<DecisionWorker> worker_;
};

TEST_F(DecisionWorkerTest, a_verified_token_is_remembered_and_not_verified_again) {
  const std::string token = key_.sign(world_.payload());
  EXPECT_EQ(reason_of(token), Reason::kOk);
  EXPECT_EQ(hits(), 0);
  EXPECT_EQ(reason_of(token), Reason::kOk);
  EXPECT_EQ(hits(), 1);
  EXPECT_EQ(entry_.plugin->checks, 1);
}

TEST_F(DecisionWorkerTest, a_remembered_token_expires_all_the_same) {
  const std::string token = key_.sign(world_.payload());
  EXPECT_EQ(reason_of(token), Reason::kOk);
  world_.settings.cache.verdict_life = std::chrono::hours(24);
  world_.clock.advance(std::chrono::seconds(629));
  EXPECT_EQ(reason_of(token), Reason::kOk);
  world_.clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(reason_of(token), Reason::kExpired);
}

TEST_F(DecisionWorkerTest, a_verdict_is_forgotten_after_its_life) {
  const std::string token = key_.sign(world_.payload());
  EXPECT_EQ(reason_of(token), Reason::kOk);
  world_.clock.advance(std::chrono::seconds(300));
  EXPECT_EQ(reason_of(token), Reason::kOk);
  EXPECT_EQ(hits(), 0);
}

TEST_F(DecisionWorkerTest, a_removed_key_stops_verifying_remembered_tokens_too) {
  const std::string token = key_.sign(world_.payload());
  EXPECT_EQ(reason_of(token), Reason::kOk);
  entry_.keys->publish({TestKey::generate(Algorithm::kEs256, "k2")});
  EXPECT_EQ(reason_of(token), Reason::kUnknownKey);
}

TEST_F(DecisionWorkerTest, changed_settings_of_the_provider_apply_to_remembered_tokens) {
  const std::string token = key_.sign(world_.payload());
  EXPECT_EQ(reason_of(token), Reason::kOk);
  auto changed = std::make_shared<runtime::Provider>(*entry_.provider);
  changed->audiences = {"another-api"};
  changed->epoch = 1000;
  entry_.provider = changed;
  publish();
  EXPECT_EQ(reason_of(token), Reason::kWrongAudience);
}

TEST_F(DecisionWorkerTest, a_reload_that_leaves_the_provider_alone_keeps_its_verdicts) {
  const std::string token = key_.sign(world_.payload());
  EXPECT_EQ(reason_of(token), Reason::kOk);
  world_.entries.insert(world_.entries.begin(), test::Entry{});
  world_.entries.front().provider->metrics = world_.metrics.provider("new");
  world_.entries.front().provider->plugin = world_.entries.front().plugin;
  publish();
  EXPECT_EQ(reason_of(token), Reason::kOk);
  EXPECT_EQ(hits(), 1);
}

TEST_F(DecisionWorkerTest, a_reload_that_routes_the_issuer_elsewhere_does_not_keep_them) {
  const std::string token = key_.sign(world_.payload());
  entry_.provider->settings.issuers.clear();
  entry_.provider->settings.issuer_pattern = settings::Regex::compile("https://issuer.*").value();
  publish();
  EXPECT_EQ(reason_of(token), Reason::kOk);
  world_.add("exact", World::kIssuer, {TestKey::generate(Algorithm::kEs256, "k7")});
  publish();
  EXPECT_EQ(reason_of(token), Reason::kUnknownKey);
}

TEST_F(DecisionWorkerTest, a_parked_request_keeps_the_world_that_it_began_in) {
  const TestKey fresh = TestKey::generate(Algorithm::kEs256, "k2");
  const std::string token = fresh.sign(world_.payload());
  entry_.keys->answer = {keys::Wanted::kPending, std::chrono::seconds(1)};
  Attempt attempt;
  int resumed = 0;
  attempt.resume = [&] { ++resumed; };
  const auto start = world_.clock.steady();
  EXPECT_FALSE(decide(token, attempt));
  EXPECT_EQ(attempt.deadline, start + std::chrono::milliseconds(150));
  const auto began_in = attempt.snapshot;
  publish();
  entry_.keys->publish({key_, fresh});
  entry_.keys->waiters.at(0)();
  EXPECT_EQ(resumed, 1);
  const auto decision = decide(token, attempt);
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->reason, Reason::kOk);
  EXPECT_EQ(attempt.snapshot, began_in);
}

TEST_F(DecisionWorkerTest, a_parked_request_is_answered_503_at_its_deadline) {
  entry_.keys->answer = {keys::Wanted::kPending, std::chrono::seconds(3)};
  const std::string token = TestKey::generate(Algorithm::kEs256, "k2").sign(world_.payload());
  Attempt attempt;
  attempt.resume = [] {};
  EXPECT_FALSE(decide(token, attempt));
  attempt.is_expired = true;
  const auto decision = decide(token, attempt);
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->reason, Reason::kProviderUnavailable);
  EXPECT_EQ(decision->retry_after, std::chrono::seconds(3));
}

TEST_F(DecisionWorkerTest, no_token_and_api_keys_count_under_their_own_labels) {
  Attempt attempt;
  Request request;
  EXPECT_EQ(worker_->decide(request, attempt)->reason, Reason::kNoToken);
  request.credential_kind = CredentialKind::kApiKey;
  request.credential = "key";
  EXPECT_EQ(worker_->decide(request, attempt)->reason, Reason::kUnknownApiKey);
  EXPECT_EQ(metric(R"(bearerd_verify_requests_total{decision="deny",provider="none",reason="no_token"})") +
                metric(R"(bearerd_verify_requests_total{decision="deny",provider="api_key",reason="unknown_api_key"})"),
            2);
}

TEST_F(DecisionWorkerTest, a_deployment_is_for_those_with_a_role_in_common) {
  entry_.provider->settings.role_paths = {base::ClaimPath::from_text("roles")};
  auto& deployments = world_.settings.dynamic.deployments;
  deployments["open"] = {"models", std::nullopt};
  deployments["closed"] = {"models", std::vector<std::string>{}};
  deployments["staff-only"] = {"models", std::vector<std::string>{"staff"}};
  publish();
  const std::string token = key_.sign(world_.payload(R"(,"roles":["staff"])"));
  const std::string guest = key_.sign(world_.payload(R"(,"roles":["guest"])"));
  EXPECT_EQ(reason_of(token, "open"), Reason::kOk);
  EXPECT_EQ(reason_of(token, "closed"), Reason::kNoRole);
  EXPECT_EQ(reason_of(token, "staff-only"), Reason::kOk);
  EXPECT_EQ(reason_of(guest, "staff-only"), Reason::kNoRole);
  EXPECT_EQ(reason_of(guest, "unheard-of"), Reason::kUnknownResource);
}

// A deployment "gpt" that staff may ask twice an hour and guests not at all, and one without limits.
class LimitedWorkerTest : public DecisionWorkerTest {
 protected:
  void SetUp() override {
    entry_.provider->settings.role_paths = {base::ClaimPath::from_text("roles")};
    auto& dynamic = world_.settings.dynamic;
    dynamic.deployments["gpt"] = {"models", std::nullopt};
    dynamic.deployments["free"] = {"models", std::nullopt};
    dynamic.roles["staff"].limits["gpt"].request_hour = 2;
    dynamic.roles["staff"].limits["gpt"].minute = 1000;
    dynamic.roles["guest"].limits["gpt"].day = 0;
    open(usage());
  }
  virtual state::UsageStore* usage() {
    state::EmbeddedStoreOptions options;
    options.clock = &world_.clock;
    options.metrics = &world_.metrics;
    options.write_every = std::chrono::milliseconds(0);
    store_ = std::make_unique<state::EmbeddedStore>(options);
    return store_.get();
  }
  Decision ask(const std::string& token, std::string_view resource) {
    Attempt attempt;
    return decide(token, attempt, resource).value();
  }
  std::string token_of(const std::string& roles) { return key_.sign(world_.payload(R"(,"roles":[)" + roles + "]")); }

  std::unique_ptr<state::EmbeddedStore> store_;
};

TEST_F(LimitedWorkerTest, requests_are_counted_at_the_check_and_refused_when_the_limit_is_reached) {
  const std::string token = token_of(R"("staff")");
  EXPECT_EQ(ask(token, "gpt").standing->limited()[1].left(), 1);
  EXPECT_EQ(ask(token, "gpt").reason, Reason::kOk);
  const Decision refused = ask(token, "gpt");
  EXPECT_EQ(refused.reason, Reason::kLimitReached);
  EXPECT_EQ(refused.identity, nullptr);
  EXPECT_EQ(refused.standing->reached, state::Window::kRequestsHour);
  EXPECT_EQ(refused.retry_after, std::chrono::hours(1));
  EXPECT_EQ(ask(token, "free").reason, Reason::kOk);
  EXPECT_EQ(ask(token, "").reason, Reason::kOk);
  EXPECT_EQ(metric(R"(bearerd_usage_recorded_total{kind="requests"})"), 3);
}

TEST_F(LimitedWorkerTest, a_refusal_counts_for_nothing_and_time_lets_in_again) {
  world_.settings.cache.verdict_life = std::chrono::hours(24);
  publish();
  EXPECT_EQ(ask(token_of(R"("staff")"), "gpt").reason, Reason::kOk);
  EXPECT_EQ(ask(token_of(R"("staff")"), "gpt").reason, Reason::kOk);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(token_of(R"("staff")"), "gpt").reason, Reason::kLimitReached);
  world_.clock.advance(std::chrono::seconds(3599));
  EXPECT_EQ(ask(token_of(R"("staff")"), "gpt").reason, Reason::kLimitReached);
  world_.clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(ask(token_of(R"("staff")"), "gpt").reason, Reason::kOk);
}

TEST_F(LimitedWorkerTest, reported_tokens_count_against_the_caller_that_the_header_named) {
  const std::string token = token_of(R"("staff")");
  const Decision first = ask(token, "gpt");
  state::UsageReport report;
  report.key = {*state::parse_caller(first.identity->caller), state::deployment_id("gpt")};
  report.tokens = 1000;
  report.now = world_.clock.now();
  ASSERT_TRUE(store_->record(report));
  const Decision refused = ask(token, "gpt");
  EXPECT_EQ(refused.reason, Reason::kLimitReached);
  EXPECT_EQ(refused.standing->reached, state::Window::kTokensMinute);
  EXPECT_EQ(refused.retry_after, std::chrono::seconds(60));
}

TEST_F(LimitedWorkerTest, whose_limit_decides_is_named_and_no_role_that_only_the_token_has) {
  add_key("k", "apollo", {"staff", "other"});
  publish();
  const auto details_for = [&](CredentialKind kind, const std::string& credential) {
    Request request;
    request.credential_kind = kind;
    request.credential = credential;
    request.resource = "gpt";
    for (const base::Step& step : test::explain(world_, options_, request, {}).steps) {
      if (step.check == base::Check::kLimits) return step.details.front();
    }
    return std::string();
  };
  const std::string expected = R"(tokens and requests are limited by the role "staff")";
  EXPECT_EQ(details_for(CredentialKind::kBearer, token_of(R"("of-the-token","staff")")), expected);
  EXPECT_EQ(details_for(CredentialKind::kApiKey, "k"), expected);
}

TEST_F(LimitedWorkerTest, a_limit_of_zero_is_403) {
  EXPECT_EQ(ask(token_of(R"("guest")"), "gpt").reason, Reason::kNoRole);
  EXPECT_EQ(ask(token_of(R"("guest","staff")"), "gpt").reason, Reason::kOk);
}

TEST_F(LimitedWorkerTest, changed_limits_apply_to_the_next_request_of_a_remembered_token) {
  const std::string token = token_of(R"("staff")");
  EXPECT_EQ(ask(token, "gpt").reason, Reason::kOk);
  EXPECT_EQ(ask(token, "gpt").reason, Reason::kOk);
  world_.settings.dynamic.roles["staff"].limits["gpt"].request_hour = 3;
  publish();
  EXPECT_EQ(ask(token, "gpt").reason, Reason::kOk);
  EXPECT_EQ(ask(token, "gpt").reason, Reason::kLimitReached);
  world_.settings.dynamic.roles.clear();
  publish();
  EXPECT_EQ(ask(token, "gpt").reason, Reason::kOk);
}

TEST_F(LimitedWorkerTest, what_is_not_allowed_is_not_counted) {
  world_.settings.dynamic.deployments["gpt"].user_roles = {"chief"};
  publish();
  EXPECT_EQ(ask(token_of(R"("staff")"), "gpt").reason, Reason::kNoRole);
  EXPECT_EQ(metric(R"(bearerd_usage_recorded_total{kind="requests"})"), 0);
}

TEST_F(LimitedWorkerTest, a_deployment_that_a_path_names_is_limited_too) {
  const std::string token = token_of(R"("staff")");
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(ask_path(token, "/openai/deployments/gpt/chat/completions").reason, Reason::kOk);
  EXPECT_EQ(ask_path(token, "/openai/deployments/gpt/embeddings").reason, Reason::kLimitReached);
  EXPECT_EQ(ask_path(token, "/openai/deployments/free/embeddings").reason, Reason::kOk);
  EXPECT_EQ(ask_path(token, "/elsewhere").reason, Reason::kOk);
}

TEST_F(LimitedWorkerTest, all_api_keys_of_a_project_share_its_limits) {
  add_key("first", "apollo", {"staff"});
  add_key("second", "apollo", {"staff"});
  add_key("third", "gemini", {"staff"});
  publish();
  const auto ask_with = [&](const std::string& key) {
    return ask_path(key, "/openai/deployments/gpt/x", CredentialKind::kApiKey).reason;
  };
  EXPECT_EQ(ask_with("first"), Reason::kOk);
  EXPECT_EQ(ask_with("second"), Reason::kOk);
  EXPECT_EQ(ask_with("first"), Reason::kLimitReached);
  EXPECT_EQ(ask_with("third"), Reason::kOk);
}

// A store that answers later, or not at all.
class SlowStore final : public state::UsageStore {
 public:
  class Pending final : public state::PendingStanding {
   public:
    explicit Pending(base::SteadyTime deadline) : deadline_(deadline) {}
    [[nodiscard]] base::SteadyTime deadline() const noexcept override { return deadline_; }
    [[nodiscard]] std::optional<std::variant<state::Standing, state::NoStanding>> find() override { return found; }
    [[nodiscard]] std::variant<state::Standing, state::NoStanding> give_up() override { return state::NoStanding(); }
    std::optional<std::variant<state::Standing, state::NoStanding>> found;

   private:
    base::SteadyTime deadline_;
  };
  explicit SlowStore(const base::Clock& clock) : clock_(clock) {}
  [[nodiscard]] state::LimitAnswer check(const state::LimitQuestion& question,
                                         const std::function<void()>* resume) override {
    if (resume == nullptr) return state::NoStanding();
    if (question.counts) ++checks;
    pending = std::make_shared<Pending>(clock_.steady() + std::chrono::milliseconds(40));
    return std::shared_ptr<state::PendingStanding>(pending);
  }
  [[nodiscard]] base::Result<state::Recorded> record(const state::UsageReport&) override {
    return state::Recorded::kCounted;
  }
  [[nodiscard]] base::Result<state::UsagePage> list(const state::PageWish&) override { return state::UsagePage(); }
  [[nodiscard]] std::string fault() const override { return {}; }
  [[nodiscard]] std::size_t counters() const override { return 0; }

  std::shared_ptr<Pending> pending;
  int checks = 0;

 private:
  const base::Clock& clock_;
};

class SlowStoreTest : public LimitedWorkerTest {
 protected:
  state::UsageStore* usage() override { return &slow_; }
  SlowStore slow_{world_.clock};
};

TEST_F(SlowStoreTest, a_request_waits_for_the_store_and_is_judged_once) {
  const std::string token = token_of(R"("staff")");
  Attempt attempt;
  attempt.resume = [] {};
  EXPECT_FALSE(decide(token, attempt, "gpt"));
  EXPECT_EQ(attempt.deadline, world_.clock.steady() + std::chrono::milliseconds(40));
  EXPECT_FALSE(decide(token, attempt, "gpt"));
  slow_.pending->found = state::Standing();
  const auto decision = decide(token, attempt, "gpt");
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->reason, Reason::kOk);
  EXPECT_EQ(decision->identity->user_id, "alice");
  EXPECT_EQ(slow_.checks, 1);
  EXPECT_EQ(entry_.plugin->checks, 1);
}

TEST_F(SlowStoreTest, at_the_deadline_the_store_says_what_happens) {
  const std::string token = token_of(R"("staff")");
  Attempt attempt;
  attempt.resume = [] {};
  EXPECT_FALSE(decide(token, attempt, "gpt"));
  attempt.is_expired = true;
  const auto decision = decide(token, attempt, "gpt");
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->identity, nullptr);
  EXPECT_EQ(base::http_status(decision->reason), 503);
}

TEST_F(SlowStoreTest, a_provider_that_is_switched_off_meanwhile_decides_alone) {
  const std::string token = token_of(R"("staff")");
  base::Trace trace(false);
  Request request;
  request.credential_kind = CredentialKind::kBearer;
  request.credential = token;
  request.resource = "gpt";
  request.trace = &trace;
  Attempt attempt;
  attempt.resume = [] {};
  EXPECT_FALSE(worker_->decide(request, attempt));
  state::Standing standing;
  standing.reached = state::Window::kRequestsHour;
  slow_.pending->found = standing;
  auto off = world_.snapshot();
  off->disabled = std::make_shared<const state::DisabledProviders>(state::DisabledProviders{{"demo"}, false});
  box_.publish(std::move(off));
  worker_->begin_turn();
  const auto decision = worker_->decide(request, attempt);
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->reason, Reason::kProviderUnavailable);
  test::expect_one_failure(trace, decision->reason);
}

// The decision, not only the verdict, follows the settings of the moment.
TEST_F(DecisionWorkerTest, a_removed_role_holds_for_remembered_tokens_too) {
  entry_.provider->settings.role_paths = {base::ClaimPath::from_text("roles")};
  auto& deployment = world_.settings.dynamic.deployments["m"];
  deployment.user_roles = {"staff", "guest"};
  publish();
  const std::string token = key_.sign(world_.payload(R"(,"roles":["guest"])"));
  EXPECT_EQ(reason_of(token, "m"), Reason::kOk);
  EXPECT_EQ(reason_of(token, "m"), Reason::kOk);
  EXPECT_EQ(hits(), 1);
  deployment.user_roles = {"staff"};
  publish();
  EXPECT_EQ(reason_of(token, "m"), Reason::kNoRole);
  world_.settings.dynamic.deployments.clear();
  publish();
  EXPECT_EQ(reason_of(token, "m"), Reason::kUnknownResource);
  EXPECT_EQ(hits(), 3);
}

TEST_F(DecisionWorkerTest, a_changed_route_holds_for_remembered_tokens_too) {
  const std::string token = key_.sign(world_.payload());
  EXPECT_EQ(ask_path(token, "/a").reason, Reason::kOk);
  settings::Route& route = add_route("a", "/a");
  publish();
  EXPECT_EQ(ask_path(token, "/a").reason, Reason::kOk);
  EXPECT_EQ(ask_path(token, "/b").reason, Reason::kNoRoute);
  route.user_roles = {"boss"};
  publish();
  EXPECT_EQ(ask_path(token, "/a").reason, Reason::kNoRole);
  EXPECT_EQ(hits(), 3);
}

TEST_F(DecisionWorkerTest, rules_of_routes_see_the_claims_that_they_name_and_only_those_are_kept) {
  add_route("a", "/a").rules = {{"org.unit", settings::RuleFunction::kEqual, {"SALES"}}};
  publish();
  const std::string sales = key_.sign(world_.payload(R"(,"org":{"unit":["sales"]},"secret":"s")"));
  const std::string research = key_.sign(world_.payload(R"(,"org":{"unit":"research"})"));
  for (int i = 0; i < 2; ++i) {  // found, then remembered
    const Decision decision = ask_path(sales, "/a");
    EXPECT_EQ(decision.reason, Reason::kOk);
    ASSERT_EQ(decision.identity->claims.size(), 1U);
    EXPECT_EQ(decision.identity->claims[0].name, "org.unit");
    EXPECT_EQ(ask_path(research, "/a").reason, Reason::kNoRole);
    EXPECT_EQ(ask_path(key_.sign(world_.payload()), "/a").reason, Reason::kNoRole);
  }
}

TEST_F(DecisionWorkerTest, a_route_may_want_a_fresh_token_and_remembered_ones_age) {
  add_route("a", "/a").max_token_age = std::chrono::seconds(100);
  add_route("b", "/b");
  publish();
  const std::string token = key_.sign(world_.payload(",\"iat\":" + std::to_string(world_.clock.now())));
  EXPECT_EQ(ask_path(token, "/a").reason, Reason::kOk);
  world_.clock.advance(std::chrono::seconds(129));  // the skew of 30 s is the token's to have
  EXPECT_EQ(ask_path(token, "/a").reason, Reason::kOk);
  world_.clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(ask_path(token, "/a").reason, Reason::kTooOld);
  EXPECT_EQ(ask_path(token, "/b").reason, Reason::kOk);
  EXPECT_EQ(ask_path(key_.sign(world_.payload()), "/a").reason, Reason::kTooOld);
}

TEST_F(DecisionWorkerTest, an_anonymous_route_answers_200_with_an_identity_that_is_nobodys) {
  add_route("public", "/public/.*").is_anonymous = true;
  publish();
  const Decision decision = ask_path("", "/public/x");
  EXPECT_EQ(decision.reason, Reason::kOk);
  ASSERT_NE(decision.identity, nullptr);
  for (const char* header : {"X-Auth-Request-User: \r\n", "X-Auth-Request-Provider: \r\n", "X-Bearerd-Caller: \r\n",
                             "X-Auth-Request-Groups: \r\n"})
    EXPECT_NE(decision.identity->headers.find(header), std::string::npos) << header;
  EXPECT_EQ(metric(R"(bearerd_verify_requests_total{decision="allow",provider="none",reason="ok"})"), 1);
  EXPECT_EQ(ask_path("", "/private").reason, Reason::kNoToken);
}

TEST_F(DecisionWorkerTest, a_credential_is_checked_before_an_anonymous_route_is_looked_at) {
  add_route("public", "/public").is_anonymous = true;
  publish();
  EXPECT_EQ(ask_path(key_.sign(world_.payload()), "/public").identity->user_id, "alice");
  const std::string stranger = TestKey::generate(Algorithm::kEs256, "k1").sign(world_.payload());
  EXPECT_EQ(ask_path(stranger, "/public").reason, Reason::kBadSignature);
  EXPECT_EQ(ask_path("no-key", "/public", CredentialKind::kApiKey).reason, Reason::kUnknownApiKey);
}

TEST_F(DecisionWorkerTest, an_api_key_is_its_project_with_its_roles) {
  add_key("s3cret", "apollo", {"reader", "writer"});
  world_.settings.dynamic.deployments["m"] = {"models", std::vector<std::string>{"writer"}};
  world_.settings.dynamic.deployments["n"] = {"models", std::vector<std::string>{"boss"}};
  publish();
  const Decision decision = ask_path("s3cret", "/openai/deployments/m/x", CredentialKind::kApiKey);
  EXPECT_EQ(decision.reason, Reason::kOk);
  ASSERT_NE(decision.identity, nullptr);
  EXPECT_EQ(decision.identity->provider, "api_key");
  EXPECT_EQ(decision.identity->project, "apollo");
  for (const char* header : {"X-Auth-Request-User: \r\n", "X-Auth-Request-Project: apollo\r\n",
                             "X-Auth-Request-Provider: api_key\r\n", "X-Auth-Request-Groups: reader,writer\r\n"})
    EXPECT_NE(decision.identity->headers.find(header), std::string::npos) << header;
  EXPECT_FALSE(decision.identity->caller.empty());
  EXPECT_EQ(ask_path("s3cret", "/x", CredentialKind::kApiKey).identity, decision.identity);
  EXPECT_EQ(ask_path("s3cret", "/openai/deployments/n/x", CredentialKind::kApiKey).reason, Reason::kNoRole);
  EXPECT_EQ(ask_path("s3cret2", "/x", CredentialKind::kApiKey).reason, Reason::kUnknownApiKey);
  EXPECT_EQ(metric(R"(bearerd_verify_requests_total{decision="allow",provider="api_key",reason="ok"})"), 2);
}

TEST_F(DecisionWorkerTest, a_changed_or_removed_api_key_is_that_with_the_next_request) {
  add_key("k", "apollo", {"a"});
  publish();
  EXPECT_EQ(ask_path("k", "/", CredentialKind::kApiKey).identity->project, "apollo");
  world_.settings.dynamic.keys.clear();
  add_key("other", "first", {"a"});
  add_key("k", "gemini", {"a"});
  publish();
  EXPECT_EQ(ask_path("k", "/", CredentialKind::kApiKey).identity->project, "gemini");
  world_.settings.dynamic.keys.pop_back();
  publish();
  EXPECT_EQ(ask_path("k", "/", CredentialKind::kApiKey).reason, Reason::kUnknownApiKey);
}

TEST_F(DecisionWorkerTest, an_api_key_is_refused_where_its_address_ranges_do_not_reach) {
  add_key("office", "apollo", {"a"}, std::vector<std::string>{"10.0.0.0/8"});
  const auto ask_from = [&](std::string_view forwarded_for) {
    Request request;
    request.forwarded_for = forwarded_for;
    return ask("office", request, CredentialKind::kApiKey)->reason;
  };
  publish();
  EXPECT_EQ(ask_from("10.0.0.1"), Reason::kOk);
  EXPECT_EQ(ask_from("10.0.0.1, 6.6.6.6"), Reason::kAddressNotAllowed);
  EXPECT_EQ(ask_from(""), Reason::kAddressNotAllowed);
  EXPECT_EQ(ask_from("10.0.0"), Reason::kAddressNotAllowed);
  world_.settings.proxy_count = 1;
  publish();
  EXPECT_EQ(ask_from("10.0.0.1, 6.6.6.6"), Reason::kOk);
  EXPECT_EQ(ask_from("10.0.0.1"), Reason::kAddressNotAllowed);
}

TEST_F(DecisionWorkerTest, an_api_key_whose_project_does_not_fit_names_nobody_and_is_refused) {
  add_key("k", std::string(4000, 'p'), {"a"});
  publish();
  EXPECT_EQ(ask_path("k", "/", CredentialKind::kApiKey).reason, Reason::kClaimRejected);
}

}  // namespace
}  // namespace bearerd::verify
