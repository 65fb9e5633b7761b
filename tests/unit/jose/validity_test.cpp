#include "jose/validity.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "support.hpp"

namespace bearerd::jose {
namespace {

using base::ClaimPath;
using base::Reason;
using std::chrono::milliseconds;
using std::chrono::seconds;

base::WallTime at(double time) {
  return base::WallTime(std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(time)));
}

ClaimsDocument parse(std::string_view json) { return std::move(ClaimsDocument::parse(json).value()); }

Reason judge(std::string_view json, double now, const TimeRules& rules = {}) {
  const auto document = parse(json);
  const auto lifetime = read_lifetime(document.claims(), rules);
  return lifetime ? check_lifetime(*lifetime, rules, at(now)) : lifetime.error();
}

TEST(Validity, expired_from_exp_plus_skew_on) {
  EXPECT_EQ(judge(R"({"exp":1000})", 1029.999), Reason::kOk);
  EXPECT_EQ(judge(R"({"exp":1000})", 1030), Reason::kExpired);
  TimeRules exact;
  exact.clock_skew = seconds(0);
  EXPECT_EQ(judge(R"({"exp":1000})", 999.999, exact), Reason::kOk);
  EXPECT_EQ(judge(R"({"exp":1000})", 1000, exact), Reason::kExpired);
}

TEST(Validity, a_fraction_makes_exp_earlier_and_nbf_later) {
  TimeRules exact;
  exact.clock_skew = seconds(0);
  EXPECT_EQ(judge(R"({"exp":10.9})", 9.9, exact), Reason::kOk);
  EXPECT_EQ(judge(R"({"exp":10.9})", 10.0, exact), Reason::kExpired);
  EXPECT_EQ(judge(R"({"exp":100,"nbf":10.1})", 10.9, exact), Reason::kNotYetValid);
  EXPECT_EQ(judge(R"({"exp":100,"nbf":10.1})", 11, exact), Reason::kOk);
}

TEST(Validity, not_valid_before_nbf_minus_skew) {
  EXPECT_EQ(judge(R"({"exp":9000,"nbf":1000})", 969.999), Reason::kNotYetValid);
  EXPECT_EQ(judge(R"({"exp":9000,"nbf":1000})", 970), Reason::kOk);
}

TEST(Validity, issued_in_the_future_is_not_yet_valid) {
  EXPECT_EQ(judge(R"({"exp":9000,"iat":1031})", 1000), Reason::kNotYetValid);
  EXPECT_EQ(judge(R"({"exp":9000,"iat":1030})", 1000), Reason::kOk);
}

TEST(Validity, exp_is_required_unless_told_otherwise) {
  EXPECT_EQ(judge("{}", 1000), Reason::kMissingClaim);
  TimeRules lax;
  lax.is_exp_required = false;
  EXPECT_EQ(judge("{}", 1000, lax), Reason::kOk);
  EXPECT_EQ(judge(R"({"exp":1})", 1000, lax), Reason::kExpired);
}

TEST(Validity, age_is_bounded_when_asked_and_needs_iat) {
  TimeRules rules;
  rules.max_token_age = seconds(600);
  EXPECT_EQ(judge(R"({"exp":9000})", 1000, rules), Reason::kMissingClaim);
  EXPECT_EQ(judge(R"({"exp":9000,"iat":1000})", 1629.9, rules), Reason::kOk);
  EXPECT_EQ(judge(R"({"exp":9000,"iat":1000})", 1630, rules), Reason::kTooOld);
  rules.max_token_age = seconds::max();
  EXPECT_EQ(judge(R"({"exp":9000,"iat":1000})", 1630, rules), Reason::kOk);
}

TEST(Validity, a_lifetime_without_what_the_rules_need_is_refused) {
  TimeRules rules;
  EXPECT_EQ(check_lifetime(Lifetime{}, rules, at(1000)), Reason::kMissingClaim);
  rules.is_exp_required = false;
  rules.max_token_age = seconds(1);
  EXPECT_EQ(check_lifetime(Lifetime{}, rules, at(1000)), Reason::kMissingClaim);
}

// Number handling
TEST(Validity, a_date_that_is_no_date_never_passes) {
  for (const char* value : {"1e308", "\"1\"", "-1", "true", "null", "9007199254740993", "9223372036854775808",
                            "18446744073709551615", "[1]", "{}", "\"1767229200\""}) {
    for (const char* name : {"exp", "nbf", "iat"}) {
      const std::string other = std::string(name) == "exp" ? "" : R"(,"exp":9000)";
      EXPECT_EQ(judge("{\"" + std::string(name) + "\":" + value + other + "}", 1000), Reason::kMalformed)
          << name << ' ' << value;
    }
  }
}

TEST(Validity, the_largest_date_and_the_largest_skew_do_not_overflow) {
  TimeRules rules;
  rules.clock_skew = seconds(300);
  EXPECT_EQ(judge(R"({"exp":9007199254740992})", 1e9, rules), Reason::kOk);
  EXPECT_EQ(judge(R"({"exp":9007199254740992,"nbf":9007199254740992})", 1e9, rules), Reason::kNotYetValid);
  const auto document = parse(R"({"exp":1000})");
  const auto lifetime = read_lifetime(document.claims(), rules);
  EXPECT_EQ(check_lifetime(*lifetime, rules, base::WallTime::max()), Reason::kExpired);
  EXPECT_EQ(check_lifetime(*lifetime, rules, base::WallTime::min()), Reason::kOk);
}

TEST(Validity, a_clock_before_1970_rounds_down) {
  TimeRules exact;
  exact.clock_skew = seconds(0);
  EXPECT_EQ(judge(R"({"exp":0})", -0.001, exact), Reason::kOk);
  EXPECT_EQ(judge(R"({"exp":9,"nbf":0})", -0.001, exact), Reason::kNotYetValid);
}

Reason audience(std::string_view json, const std::vector<std::string>& accepted) {
  const auto document = parse(json);
  return check_audience(document.claims(), ClaimPath::from_text("aud"), accepted);
}

TEST(Audience, one_string_or_one_of_many_is_enough) {
  EXPECT_EQ(audience(R"({"aud":"ours"})", {"ours"}), Reason::kOk);
  EXPECT_EQ(audience(R"({"aud":["theirs","ours"]})", {"other", "ours"}), Reason::kOk);
}

// Audience not checked
TEST(Audience, anything_else_is_wrong) {
  for (const char* json :
       {"{}", R"({"aud":[]})", R"({"aud":""})", R"({"aud":1})", R"({"aud":null})", R"({"aud":true})",
        R"({"aud":{"ours":"ours"}})", R"({"aud":["ours",1]})", R"({"aud":[1,"ours"]})", R"({"aud":["ours",["ours"]]})",
        R"({"aud":"our"})", R"({"aud":"ours/"})", R"({"aud":"Ours"})", R"({"aud":"ours theirs"})",
        R"({"aud":"ours\u0000"})", R"({"aud":["theirs"]})"}) {
    EXPECT_EQ(audience(json, {"ours"}), Reason::kWrongAudience) << json;
  }
}

TEST(Audience, no_accepted_audience_accepts_nothing) {
  for (const char* json : {"{}", R"({"aud":[]})", R"({"aud":""})", R"({"aud":"ours"})"}) {
    EXPECT_EQ(audience(json, {}), Reason::kWrongAudience) << json;
  }
}

TEST(Audience, a_huge_array_costs_one_look_at_each) {
  std::string json = R"({"aud":["theirs")";
  for (int i = 0; i < 100000; ++i) json += R"(,"x")";
  EXPECT_EQ(audience(json + "]}", {"ours"}), Reason::kWrongAudience);
}

}  // namespace
}  // namespace bearerd::jose
