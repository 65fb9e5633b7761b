#include "verify/authenticator.hpp"

#include <gtest/gtest.h>

#include "explained.hpp"
#include "world.hpp"

namespace bearerd::verify {
namespace {

using base::Algorithm;
using base::Reason;
using test::TestKey;
using test::World;

class AuthenticatorTest : public testing::Test {
 protected:
  Finding ask(const std::string& token, const std::function<void()>* resume = nullptr) {
    const auto snapshot = world_.snapshot();
    Authenticator::Question question;
    question.token = token;
    question.source = source_;
    question.wall = world_.clock.wall();
    question.steady = world_.clock.steady();
    question.resume = resume;
    const Reason told = explained(*snapshot, question);
    Finding finding = authenticator_.authenticate(*snapshot, question);
    EXPECT_EQ(name(told), name(reason_in(finding)));
    return finding;
  }
  // The same engine with a trace finds the same, and one check that failed exactly when it refuses.
  Reason explained(const runtime::Snapshot& snapshot, Authenticator::Question question) {
    const test::UnchangedFakes unchanged(world_);
    base::Trace trace(true);
    question.trace = &trace;
    const Reason reason = reason_in(explaining_.authenticate(snapshot, question));
    test::expect_one_failure(trace, reason);
    return reason;
  }
  static Reason reason_in(const Finding& finding) {
    if (const auto* refusal = std::get_if<Refusal>(&finding)) return refusal->reason;
    return std::holds_alternative<Verdict>(finding) ? Reason::kOk : Reason::kProviderUnavailable;
  }
  Reason reason_of(const std::string& token) {
    const Finding finding = ask(token);
    if (const auto* refusal = std::get_if<Refusal>(&finding)) return refusal->reason;
    return std::holds_alternative<Verdict>(finding) ? Reason::kOk : Reason::kInternal;
  }

  World world_;
  std::uint64_t source_ = 0;
  const TestKey key_ = TestKey::generate(Algorithm::kEs256, "k1");
  test::Entry& entry_ = world_.add("demo", World::kIssuer, {key_});
  Authenticator authenticator_{nullptr}, explaining_{nullptr};
};

TEST_F(AuthenticatorTest, a_good_token_names_its_bearer) {
  const Finding finding = ask(key_.sign(world_.payload(R"(,"name":"Alice","email":"a@example.test")")));
  const auto* verdict = std::get_if<Verdict>(&finding);
  ASSERT_NE(verdict, nullptr);
  EXPECT_EQ(verdict->identity->user_id, "alice");
  EXPECT_EQ(verdict->identity->provider, "demo");
  EXPECT_EQ(verdict->identity->name, "Alice");
  EXPECT_EQ(verdict->identity->email, "a@example.test");
}

TEST_F(AuthenticatorTest, each_fault_has_its_reason) {
  const auto now = world_.clock.now();
  const std::string iss = R"({"iss":"https://issuer.example","sub":"alice",)";
  const auto signed_with = [&](const std::string& rest) { return key_.sign(iss + rest + "}"); };
  EXPECT_EQ(reason_of("garbage.."), Reason::kMalformed);
  EXPECT_EQ(reason_of("just-some-opaque-text"), Reason::kOpaqueUnsupported);
  EXPECT_EQ(reason_of(std::string(20'000, 'a')), Reason::kTooLarge);
  EXPECT_EQ(reason_of("a.b.c.d.e"), Reason::kEncryptedToken);
  EXPECT_EQ(reason_of(key_.sign(world_.payload("", "https://issuer.example/"))), Reason::kUnknownIssuer);
  EXPECT_EQ(reason_of(key_.sign(world_.payload("", "https://issuer.example.evil.example"))), Reason::kUnknownIssuer);
  EXPECT_EQ(reason_of(key_.sign(R"({"sub":"alice"})")), Reason::kUnknownIssuer);
  EXPECT_EQ(reason_of(signed_with(R"("aud":"our-api","exp":)" + std::to_string(now - 31))), Reason::kExpired);
  EXPECT_EQ(reason_of(signed_with(R"("aud":"our-api","exp":)" + std::to_string(now - 30))), Reason::kExpired);
  EXPECT_EQ(reason_of(signed_with(R"("aud":"our-api","exp":)" + std::to_string(now - 29))), Reason::kOk);
  EXPECT_EQ(reason_of(signed_with(R"("aud":"our-api")")), Reason::kMissingClaim);
  EXPECT_EQ(reason_of(signed_with(R"("aud":"our-api","exp":"1")")), Reason::kMalformed);
  EXPECT_EQ(reason_of(signed_with(R"("aud":"our-api","exp":1e308)")), Reason::kMalformed);
  EXPECT_EQ(reason_of(key_.sign(world_.payload(R"(,"nbf":)" + std::to_string(now + 31)))), Reason::kNotYetValid);
  EXPECT_EQ(reason_of(signed_with(R"("aud":"other","exp":)" + std::to_string(now + 60))), Reason::kWrongAudience);
  EXPECT_EQ(reason_of(signed_with(R"("exp":)" + std::to_string(now + 60))), Reason::kWrongAudience);
  EXPECT_EQ(reason_of(key_.sign(world_.payload(R"(,"cnf":{"jkt":"x"})"))), Reason::kSenderConstrained);
  EXPECT_EQ(reason_of(key_.sign(R"({"alg":"ES256","kid":"k1","typ":"logout+jwt"})", world_.payload())),
            Reason::kWrongTokenUse);
  EXPECT_EQ(reason_of(key_.sign(R"({"alg":"ES256","kid":"k1","crit":["x"]})", world_.payload())),
            Reason::kCriticalHeader);
  EXPECT_EQ(reason_of(key_.sign(R"({"alg":"none","kid":"k1"})", world_.payload())), Reason::kAlgNotAllowed);
  EXPECT_EQ(reason_of(key_.sign(R"({"alg":"RS256","kid":"k1"})", world_.payload())), Reason::kAlgNotAllowed);
  EXPECT_EQ(reason_of(key_.sign(R"({"alg":"HS256","kid":"k1"})", world_.payload())), Reason::kAlgNotAllowed);
}

TEST_F(AuthenticatorTest, a_key_of_another_provider_does_not_verify) {
  const TestKey other = TestKey::generate(Algorithm::kEs256, "k1");
  world_.add("other", "https://other.example", {other});
  EXPECT_EQ(reason_of(other.sign(world_.payload("", "https://other.example"))), Reason::kOk);
  EXPECT_EQ(reason_of(other.sign(world_.payload())), Reason::kBadSignature);
}

TEST_F(AuthenticatorTest, keys_bound_to_an_issuer_do_not_vouch_for_another_of_the_same_provider) {
  entry_.provider->settings.issuers.emplace_back("https://second.example");
  const TestKey second = TestKey::generate(Algorithm::kEs256, "k2");
  auto source = std::make_shared<test::FakeSource>(std::vector{second});
  entry_.provider->keys = {{World::kIssuer, entry_.keys}, {"https://second.example", source}};
  EXPECT_EQ(reason_of(second.sign(world_.payload("", "https://second.example"))), Reason::kOk);
  EXPECT_EQ(reason_of(second.sign(world_.payload())), Reason::kUnknownKey);
}

TEST_F(AuthenticatorTest, nothing_is_asked_of_the_network_before_issuer_and_algorithm_fit) {
  const TestKey stranger = TestKey::generate(Algorithm::kEs256, "k9");
  EXPECT_EQ(reason_of(stranger.sign(world_.payload("", "https://evil.example"))), Reason::kUnknownIssuer);
  EXPECT_EQ(reason_of(stranger.sign(R"({"alg":"HS256","kid":"k9"})", world_.payload())), Reason::kAlgNotAllowed);
  EXPECT_TRUE(entry_.keys->wanted_names.empty());
  EXPECT_EQ(reason_of(stranger.sign(world_.payload())), Reason::kUnknownKey);
  EXPECT_EQ(entry_.keys->wanted_names, std::vector<std::string>{"k9"});
}

TEST_F(AuthenticatorTest, an_unknown_key_waits_for_the_one_fetch_when_the_caller_can_wait) {
  const TestKey fresh = TestKey::generate(Algorithm::kEs256, "k2");
  const std::string token = fresh.sign(world_.payload());
  entry_.keys->answer = {keys::Wanted::kPending, std::chrono::seconds(1)};
  const std::function<void()> resume = [] {};
  EXPECT_TRUE(std::holds_alternative<Waiting>(ask(token, &resume)));
  EXPECT_EQ(reason_of(token), Reason::kProviderUnavailable) << "without a way to wait it is 503, never an allow";
  entry_.keys->publish({key_, fresh});
  EXPECT_EQ(reason_of(token), Reason::kOk);
}

TEST_F(AuthenticatorTest, a_source_that_cannot_answer_is_503_with_its_retry) {
  entry_.keys->lose();
  entry_.keys->answer = {keys::Wanted::kCoolingDown, std::chrono::seconds(17)};
  const Finding finding = ask(key_.sign(world_.payload()));
  const auto* refusal = std::get_if<Refusal>(&finding);
  ASSERT_NE(refusal, nullptr);
  EXPECT_EQ(refusal->reason, Reason::kProviderUnavailable);
  EXPECT_EQ(refusal->retry_after, std::chrono::seconds(17));
}

TEST_F(AuthenticatorTest, the_plugin_is_asked_last_and_only_about_verified_claims) {
  std::string tampered = key_.sign(world_.payload());
  tampered[tampered.size() - 3] = tampered[tampered.size() - 3] == 'A' ? 'B' : 'A';
  EXPECT_EQ(reason_of(tampered), Reason::kBadSignature);
  EXPECT_EQ(entry_.plugin->checks, 0);
  entry_.plugin->verdict = Reason::kWrongTokenUse;
  EXPECT_EQ(reason_of(key_.sign(world_.payload())), Reason::kWrongTokenUse);
  EXPECT_EQ(entry_.plugin->checks, 1);
}

TEST_F(AuthenticatorTest, an_allow_without_an_identity_is_no_allow) {
  EXPECT_EQ(reason_of(key_.sign(R"({"iss":"https://issuer.example","aud":"our-api","exp":)" +
                                std::to_string(world_.clock.now() + 60) + "}")),
            Reason::kMissingClaim);
  entry_.plugin->is_able = false;
  EXPECT_EQ(reason_of(key_.sign(world_.payload())), Reason::kInternal);
}

TEST_F(AuthenticatorTest, roles_that_must_be_fetched_are_unknown_rather_than_none) {
  entry_.provider->settings.role_function = "fn:getGoogleWorkspaceGroups";
  EXPECT_EQ(reason_of(key_.sign(world_.payload())), Reason::kProviderUnavailable);
}

TEST_F(AuthenticatorTest, a_template_binds_the_claim_that_it_names) {
  entry_.provider->settings.issuers.clear();
  entry_.plugin->trust_.templates = {{"https://login.example/{tenantid}/v2.0", {"t1", "t2"}, "tid"}};
  const auto token = [&](const std::string& issuer, const std::string& tenant) {
    return key_.sign(world_.payload(R"(,"tid":")" + tenant + "\"", issuer));
  };
  EXPECT_EQ(reason_of(token("https://login.example/t1/v2.0", "t1")), Reason::kOk);
  EXPECT_EQ(reason_of(token("https://login.example/t1/v2.0", "t2")), Reason::kWrongTenant);
  EXPECT_EQ(reason_of(token("https://login.example/t3/v2.0", "t3")), Reason::kUnknownIssuer);
  EXPECT_EQ(reason_of(token("https://login.example/t1/t1/v2.0", "t1")), Reason::kUnknownIssuer);
}

TEST_F(AuthenticatorTest, of_several_patterns_the_first_in_file_order_is_asked) {
  entry_.provider->settings.issuers.clear();
  entry_.provider->settings.issuer_pattern = settings::Regex::compile(R"(https://.*\.example)").value();
  const TestKey second = TestKey::generate(Algorithm::kEs256, "k2");
  auto& other = world_.add("other", "", {second});
  other.provider->settings.issuer_pattern = settings::Regex::compile(R"(https://issuer\.example)").value();
  EXPECT_EQ(reason_of(second.sign(world_.payload())), Reason::kUnknownKey) << "the first pattern's provider decides";
  EXPECT_TRUE(world_.snapshot()->find_issuer(World::kIssuer)->is_ambiguous);
  other.provider->settings.issuers = {World::kIssuer};
  EXPECT_EQ(reason_of(second.sign(world_.payload())), Reason::kOk) << "an exact issuer wins over patterns";
}

TEST_F(AuthenticatorTest, a_lone_provider_without_an_issuer_rule_is_asked_about_any_issuer) {
  entry_.provider->settings.issuers.clear();
  EXPECT_EQ(reason_of(key_.sign(world_.payload("", "https://whoever.example"))), Reason::kOk);
  world_.add("second", "https://second.example", {key_});
  EXPECT_EQ(reason_of(key_.sign(world_.payload("", "https://whoever.example"))), Reason::kUnknownIssuer);
}

TEST_F(AuthenticatorTest, failed_tries_with_a_dear_algorithm_are_bounded_before_the_arithmetic) {
  const TestKey dear = TestKey::generate(Algorithm::kEs384, "dear");
  entry_.keys->publish({key_, dear});
  std::string bad = dear.sign(world_.payload());
  bad[bad.size() - 5] = bad[bad.size() - 5] == 'A' ? 'B' : 'A';
  source_ = 7;
  int refused_before_the_arithmetic = 0;
  for (int i = 0; i < 100; ++i) refused_before_the_arithmetic += reason_of(bad) == Reason::kOverloaded ? 1 : 0;
  EXPECT_GT(refused_before_the_arithmetic, 50);
  EXPECT_EQ(reason_of(key_.sign(world_.payload())), Reason::kOk) << "other keys are not concerned";
  source_ = 8;
  EXPECT_EQ(reason_of(dear.sign(world_.payload())), Reason::kOk) << "another source has a budget of its own";
  source_ = 7;
  world_.clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(reason_of(dear.sign(world_.payload())), Reason::kOk) << "the budget comes back with time";
}

TEST_F(AuthenticatorTest, a_key_with_an_issuer_of_its_own_vouches_for_that_one_only) {
  auto parsed = jose::parse_key_set(
      "{\"keys\":[{" + key_.jwk_material() + R"(,"kid":"k1","issuer":"https://login.example/{tenantid}/v2.0"}]})",
      jose::KeySetOrigin::kUrl);
  entry_.provider->keys = {{"", keys::make_fixed_source("demo", parsed.value().keys)}};
  entry_.provider->settings.issuers = {"https://login.example/t1/v2.0"};
  EXPECT_EQ(reason_of(key_.sign(world_.payload(R"(,"tid":"t1")", "https://login.example/t1/v2.0"))), Reason::kOk);
  EXPECT_EQ(reason_of(key_.sign(world_.payload(R"(,"tid":"t2")", "https://login.example/t1/v2.0"))),
            Reason::kWrongTenant);
}

}  // namespace
}  // namespace bearerd::verify
