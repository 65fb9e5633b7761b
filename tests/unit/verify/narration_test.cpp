// What an explanation says beside the decision: names, commands, and which checks were not reached.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "explained.hpp"
#include "state/state_key.hpp"
#include "verify/inquiries.hpp"
#include "verify/waiting.hpp"
#include "world.hpp"

namespace bearerd::verify {
namespace {

using base::Algorithm;
using base::Check;
using base::Reason;
using base::Step;
using state::DisabledProviders;
using test::TestKey;
using test::World;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

class NoFetcher final : public net::Fetcher {
 public:
  base::Result<net::FetchResponse> fetch(const net::FetchRequest&) override {
    return base::fail(base::ErrorCode::kUnavailable, "no network here");
  }
};

plugin::Resolved refused(Reason reason) {
  plugin::Resolved resolved;
  resolved.reason = reason;
  return resolved;
}

class NarrationTest : public testing::Test {
 protected:
  void SetUp() override {
    world_.settings.verify.wait = std::chrono::seconds(10);
    publish();
  }
  void publish(DisabledProviders disabled = {}, const std::vector<settings::Revocation>& listed = {}) {
    auto snapshot = world_.snapshot();
    snapshot->disabled = std::make_shared<const DisabledProviders>(std::move(disabled));
    secret_ = snapshot->caller_secret;
    snapshot->listed_revocations = state::make_revocation_set(secret_, listed);
    box_.publish(std::move(snapshot));
  }
  void explain(const std::string& credential, CredentialKind kind = CredentialKind::kBearer,
               std::string_view forwarded_for = {}) {
    WorkerOptions options;
    options.snapshots = &box_;
    options.clock = &world_.clock;
    options.metrics = &world_.metrics;
    options.inquiries = &inquiries_;
    options.revocations = &revocations_;
    DecisionWorker worker(options);
    base::Trace trace(false);
    Request request;
    request.credential_kind = kind;
    request.credential = credential;
    request.forwarded_for = forwarded_for;
    request.arrived_at = world_.clock.steady();
    request.trace = &trace;
    reason_ = decide_waiting(worker, request, world_.clock).reason;
    test::expect_one_failure(trace, reason_);
    steps_ = trace.steps();
  }
  [[nodiscard]] Step step(Check check) const {
    const auto found = std::ranges::find(steps_, check, &Step::check);
    return found != steps_.end() ? *found : Step{check, base::Outcome::kNotAsked, "never told", {}};
  }
  [[nodiscard]] std::string outcome(Check check) const { return std::string(name(step(check).outcome)); }

  test::Entry& add_opaque(const std::string& name) {
    test::Entry& entry = world_.add(name, "", {});
    entry.plugin->trust_.kinds = plugin::TokenKind::kOpaque;
    entry.provider->keys.clear();
    entry.provider->endpoints = std::make_shared<const plugin::Endpoints>(
        entry.provider->settings, plugin::EndpointTools{&fetcher_, &world_.clock, nullptr, nullptr});
    entry.plugin->resolve_with = [](const plugin::Inquiry&) { return refused(Reason::kOpaqueInactive); };
    return entry;
  }
  // "apollo" is the key and the project, for the network 10.0.0.0/8.
  settings::Revocation add_key() {
    world_.settings.dynamic.keys.push_back(
        {settings::ApiKeyHash::of_key("apollo"), "apollo", {"dev"}, false, std::vector<std::string>{"10.0.0.0/8"}});
    publish();
    settings::Revocation of_project;
    of_project.kind = state::RevocationKind::kSubject;
    of_project.provider = "demo";
    of_project.value = state::caller_key(secret_, kApiKeyProvider, "apollo");
    of_project.is_caller = true;
    return of_project;
  }
  void explain_key(std::string_view client) { explain("apollo", CredentialKind::kApiKey, client); }

  NoFetcher fetcher_;
  World world_;
  const TestKey key_ = TestKey::generate(Algorithm::kEs256, "k1");
  test::Entry& entry_ = world_.add("demo", World::kIssuer, {key_});
  base::Secret secret_;
  runtime::SnapshotBox box_;
  state::RevocationBox revocations_;
  Inquiries inquiries_{world_.clock};
  Reason reason_ = Reason::kInternal;
  std::vector<Step> steps_;
};

TEST_F(NarrationTest, a_provider_that_is_switched_off_is_named_with_the_command_and_nothing_behind_it_is_reached) {
  publish({{"demo"}, false});
  const TestKey stranger = TestKey::generate(Algorithm::kEs256, "k1");
  for (const std::string& token : {key_.sign(world_.payload()), stranger.sign(world_.payload()),
                                   key_.sign(world_.payload(R"(,"nbf":9999999999)"))}) {
    explain(token);
    EXPECT_EQ(reason_, Reason::kProviderUnavailable);
    EXPECT_EQ(outcome(Check::kProvider), "failed");
    EXPECT_THAT(step(Check::kProvider).why,
                AllOf(HasSubstr("demo is switched off"), EndsWith("bearerctl enable demo")));
    for (const Step& each : steps_) {
      if (each.check <= Check::kProvider) continue;
      EXPECT_EQ(each.outcome, base::Outcome::kNotReached) << name(each.check);
      EXPECT_THAT(each.details, IsEmpty()) << name(each.check);
    }
    EXPECT_EQ(steps_.back().check, Check::kLimits);
  }
  publish({{}, true});
  explain(key_.sign(world_.payload()));
  EXPECT_THAT(step(Check::kProvider).why, HasSubstr("it can't be read which providers are"));
}

TEST_F(NarrationTest, behind_an_expired_date_no_other_is_looked_at) {
  explain(key_.sign(R"({"iss":"https://issuer.example","sub":"alice","aud":"our-api","exp":1})"));
  EXPECT_EQ(outcome(Check::kExpiry), "failed");
  for (const Check check : {Check::kNotBefore, Check::kIssuedAt, Check::kAge, Check::kAudience})
    EXPECT_EQ(outcome(check), "not_reached") << name(check);
}

TEST_F(NarrationTest, behind_a_foreign_address_nothing_is_reached) {
  add_key();
  explain_key("192.0.2.1");
  EXPECT_EQ(reason_, Reason::kAddressNotAllowed);
  for (const Check check : {Check::kRoles, Check::kRevocation, Check::kPermission})
    EXPECT_EQ(outcome(check), "not_reached") << name(check);
  explain_key("10.0.0.1");
  EXPECT_EQ(reason_, Reason::kOk);
  EXPECT_EQ(step(Check::kRoles).why, R"(the key has the roles "dev")");
}

TEST_F(NarrationTest, a_revoked_project_is_named_with_the_command_that_ends_it) {
  const settings::Revocation of_project = add_key();
  revocations_.publish(state::make_revocation_set(secret_, {of_project}));
  const std::string mark = "subject." + of_project.value;
  explain_key("10.0.0.1");
  EXPECT_EQ(reason_, Reason::kRevoked);
  EXPECT_EQ(step(Check::kRevocation).why, "its project is revoked; this ends that: bearerctl revoke --end " + mark);
  explain_key("192.0.2.1");
  EXPECT_EQ(reason_, Reason::kRevoked) << "wherever it comes from";
  EXPECT_EQ(outcome(Check::kClientAddress), "not_asked");
  revocations_.publish(state::RevocationSet::empty());
  publish({}, {of_project});
  explain_key("10.0.0.1");
  EXPECT_EQ(step(Check::kRevocation).why, "its project is revoked by state.revocationsFile, as " + mark);
}

TEST_F(NarrationTest, whose_pattern_fits_too_is_named) {
  entry_.provider->settings.issuers.clear();
  entry_.provider->settings.issuer_pattern = settings::Regex::compile("https://.*").value();
  const auto add_pattern = [&](const std::string& name, const std::string& pattern) {
    settings::Provider& settings = world_.add(name, "", {key_}).provider->settings;
    settings.issuer_pattern = settings::Regex::compile(pattern).value();
    settings.issuer_pattern_text = pattern;
  };
  add_pattern("elsewhere", "https://elsewhere");
  add_pattern("second", "https://issuer.*");
  add_pattern("third", ".*");
  publish();
  explain(key_.sign(world_.payload()));
  EXPECT_EQ(step(Check::kProvider).why, "demo: its pattern fits first in file order; that of second, third fits too");
  EXPECT_THAT(step(Check::kProvider).details,
              ElementsAre(R"(elsewhere: answers for the pattern "https://elsewhere")",
                          R"(second: answers for the pattern "https://issuer.*", which fits too)",
                          R"(third: answers for the pattern ".*", which fits too)"));
}

TEST_F(NarrationTest, of_an_opaque_token_it_says_who_was_asked_and_who_was_not_and_why) {
  add_opaque("off");
  add_opaque("stranger").provider->settings.negative_ttl = std::chrono::hours(1);
  add_opaque("idp").plugin->resolve_with = [&](const plugin::Inquiry&) {
    plugin::Resolved resolved = refused(Reason::kOk);
    resolved.claims = jose::ClaimsDocument::parse(world_.payload("", "https://idp.example")).value();
    return resolved;
  };
  add_opaque("later");
  publish({{"off"}, false});
  const std::string inactive = "stranger: was asked, and does not know the token, or not any more";
  // Whoever knows the token may be quicker than who does not.
  for (int tries = 0; tries < 1000; ++tries) {
    explain("opaque-token");
    if (std::ranges::count(step(Check::kProvider).details, inactive) > 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(reason_, Reason::kOk);
  EXPECT_EQ(step(Check::kProvider).why, "idp was asked, and knows the token");
  EXPECT_THAT(step(Check::kProvider).details,
              ElementsAre("demo: not asked, it takes no opaque tokens", "off: not asked, it is switched off", inactive,
                          "later: takes opaque tokens too, and comes later in file order"));
  EXPECT_EQ(outcome(Check::kIssuer), "not_asked");
}

TEST_F(NarrationTest, of_an_opaque_token_that_nobody_knows_nothing_behind_the_provider_is_reached) {
  add_opaque("first");
  publish();
  explain("opaque-token");
  EXPECT_EQ(reason_, Reason::kOpaqueInactive);
  EXPECT_EQ(outcome(Check::kProvider), "failed");
  EXPECT_THAT(step(Check::kProvider).details,
              Contains("first: was asked, and does not know the token, or not any more"));
  EXPECT_EQ(outcome(Check::kExpiry), "not_reached");
}

TEST_F(NarrationTest, where_nobody_takes_opaque_tokens_each_is_named) {
  explain("opaque-token");
  EXPECT_EQ(reason_, Reason::kOpaqueUnsupported);
  EXPECT_EQ(outcome(Check::kShape), "failed");
  EXPECT_THAT(step(Check::kShape).details, ElementsAre("demo: not asked, it takes no opaque tokens"));
}

}  // namespace
}  // namespace bearerd::verify
