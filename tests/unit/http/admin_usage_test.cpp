#include "http/admin_usage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bearerd::http {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kNow = 1'767'225'600;
const std::string kCaller(43, 'A');

state::LimitTable table() {
  settings::Dynamic dynamic;
  dynamic.deployments["gpt-4"] = {"models", std::nullopt};
  dynamic.roles["default"].limits["gpt-4"].minute = 100;
  return state::LimitTable(dynamic);
}

std::string body(const std::string& members) {
  return R"({"caller":")" + kCaller + R"(","deployment":"gpt-4")" + members + "}";
}

TEST(UsageReport, is_read_with_tokens_cost_and_key) {
  const auto report = parse_usage_report(body(R"(,"tokens":120,"cost":0.0000015,"idempotency_key":"r-1")"), table());
  ASSERT_TRUE(report) << report.error().text;
  EXPECT_EQ(report->key.deployment, state::deployment_id("gpt-4"));
  EXPECT_EQ(report->tokens, 120U);
  EXPECT_EQ(report->nanodollars, 1500U);
  EXPECT_EQ(report->idempotency_key, "r-1");
  EXPECT_EQ(parse_usage_report(body(R"(,"cost":2)"), table())->nanodollars, 2'000'000'000U);
}

TEST(UsageReport, of_an_unknown_deployment_is_told_apart) {
  const std::string other = R"({"caller":")" + kCaller + R"(","deployment":"other","tokens":1})";
  EXPECT_EQ(parse_usage_report(other, table()).error().code, base::ErrorCode::kNotFound);
}

struct Faulty {
  std::string body, text;
};
class FaultyReport : public testing::TestWithParam<Faulty> {};

TEST_P(FaultyReport, is_refused_and_the_text_says_why) {
  const auto report = parse_usage_report(GetParam().body, table());
  ASSERT_FALSE(report);
  const bool is_unreadable = GetParam().text == "no JSON object";
  EXPECT_EQ(report.error().code, is_unreadable ? base::ErrorCode::kDenied : base::ErrorCode::kInvalid);
  EXPECT_THAT(report.error().text, HasSubstr(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(
    Usage, FaultyReport,
    testing::Values(Faulty{"", "no JSON object"}, Faulty{"[]", "no JSON object"}, Faulty{"{", "no JSON object"},
                    Faulty{"null", "no JSON object"}, Faulty{std::string(5000, '['), "no JSON object"},
                    Faulty{body(""), "neither"}, Faulty{body(R"(,"tokens":-1)"), "\"tokens\""},
                    Faulty{body(R"(,"tokens":1.5)"), "\"tokens\""}, Faulty{body(R"(,"tokens":"7")"), "\"tokens\""},
                    Faulty{body(R"(,"tokens":true)"), "\"tokens\""},
                    Faulty{body(R"(,"tokens":99999999999999999999)"), "no JSON object"},
                    Faulty{body(R"(,"tokens":1000000000001)"), "\"tokens\""},
                    Faulty{body(R"(,"cost":-0.1)"), "\"cost\""}, Faulty{body(R"(,"cost":1e7)"), "\"cost\""},
                    Faulty{body(R"(,"cost":"1")"), "\"cost\""}, Faulty{body(R"(,"cost":true)"), "\"cost\""},
                    Faulty{body(R"(,"tokens":1,"token":1)"), "no member \"token\""},
                    Faulty{body(R"(,"tokens":1,"idempotency_key":"")"), "idempotency_key"},
                    Faulty{body(R"(,"tokens":1,"idempotency_key":7)"), "idempotency_key"},
                    Faulty{R"({"caller":"alice","deployment":"gpt-4","tokens":1})", "X-Bearerd-Caller"},
                    Faulty{R"({"deployment":"gpt-4","tokens":1})", "\"caller\" is missing"},
                    Faulty{R"({"caller":")" + kCaller + R"(","tokens":1})", "\"deployment\" is missing"}));

TEST(PageWish, is_read_from_the_query) {
  const auto wish = parse_page_wish("after=" + kCaller + "&limit=7");
  ASSERT_TRUE(wish);
  EXPECT_EQ(wish->max_callers, 7U);
  EXPECT_TRUE(wish->after);
  EXPECT_TRUE(parse_page_wish("caller=" + kCaller)->only);
  EXPECT_TRUE(parse_page_wish(""));
  for (const char* wrong : {"x", "x=1", "limit=0", "limit=201", "limit=-1", "caller=alice", "after="})
    EXPECT_FALSE(parse_page_wish(wrong)) << wrong;
}

TEST(UsagePage, shows_used_and_left_of_each_deployment_and_the_cost_of_the_caller) {
  state::UsagePage page;
  state::CallerUsage& usage = page.callers.emplace_back();
  state::Limits limits;
  limits.of(state::Window::kTokensMinute) = 100;
  limits.of(state::Window::kCostDay) = 2'000'000'000;
  const auto second = static_cast<std::uint32_t>(kNow);
  usage.counters.push_back({state::deployment_id("gpt-4"), {{second, 3, 40}}, limits});
  usage.counters.push_back({state::deployment_id("not there any more"), {{second, 3, 40}}, limits});
  usage.counters.push_back({state::kCostOfCaller, {{second, 0, 500'000'000}}, std::nullopt});
  page.has_more = true;
  const std::string json = to_json(page, table(), kNow);
  EXPECT_THAT(json,
              HasSubstr(R"({"caller":")" + kCaller +
                        R"(","deployment":"gpt-4","windows":{"tokens_minute":)"
                        R"({"used":40,"limit":100,"left":60},"tokens_day":{"used":40,"limit":null,"left":null})"));
  EXPECT_THAT(json, HasSubstr(R"("requests_hour":{"used":3,"limit":null,"left":null})"));
  EXPECT_THAT(json, HasSubstr(R"("deployment":null,"windows":{"cost_minute":{"used":0.5,"limit":null,"left":null},)"
                              R"("cost_day":{"used":0.5,"limit":2,"left":1.5})"));
  EXPECT_THAT(json, HasSubstr(R"("next":")" + kCaller + "\""));
  EXPECT_THAT(json, testing::Not(HasSubstr("not there")));
}

}  // namespace
}  // namespace bearerd::http
