#include "state/limit_table.hpp"

#include <gtest/gtest.h>

#include "state/caller_id.hpp"

namespace bearerd::state {
namespace {

constexpr std::int64_t kNone = Limits::kUnlimited;

settings::Limit limit(std::optional<std::int64_t> minute, std::optional<std::int64_t> request_day = std::nullopt) {
  settings::Limit made;
  made.minute = minute;
  made.request_day = request_day;
  return made;
}

settings::Dynamic world() {
  settings::Dynamic dynamic;
  dynamic.deployments["open"] = {"models", std::nullopt};
  dynamic.deployments["guarded/v1.0 x"] = {"models", std::vector<std::string>{"staff", "chief", "default"}};
  dynamic.deployments["free"] = {"applications", std::nullopt};
  dynamic.roles["staff"].limits["open"] = limit(100, 10);
  dynamic.roles["chief"].limits["open"] = limit(500);
  dynamic.roles["guest"].limits["open"] = limit(7, 1000);
  dynamic.roles["default"].limits["open"] = limit(1, 1);
  dynamic.roles["staff"].limits["guarded/v1.0 x"] = limit(20);
  dynamic.roles["guest"].limits["guarded/v1.0 x"] = limit(9000);
  dynamic.roles["zero"].limits["open"] = limit(0);
  dynamic.roles["staff"].limits["removed deployment"] = limit(3);
  dynamic.roles["staff"].cost = settings::CostLimit{0.5, std::nullopt, std::nullopt, 100};
  dynamic.roles["chief"].cost = settings::CostLimit{2.25, 10, std::nullopt, 50};
  dynamic.roles["default"].cost = settings::CostLimit{0.0000000001, std::nullopt, std::nullopt, std::nullopt};
  return dynamic;
}

struct Case {
  const char* name;
  const char* deployment;
  std::vector<std::string> roles;
  std::int64_t minute, request_day;
};

class Effective : public testing::TestWithParam<Case> {};

TEST_P(Effective, limits_follow_the_rule) {
  const Case& expected = GetParam();
  const LimitTable table(world());
  const auto* const deployment = table.find(expected.deployment);
  ASSERT_NE(deployment, nullptr);
  const Limits limits = table.effective(*deployment, expected.roles);
  EXPECT_EQ(limits.of(Window::kTokensMinute), expected.minute);
  EXPECT_EQ(limits.of(Window::kRequestsDay), expected.request_day);
  EXPECT_EQ(limits.of(Window::kTokensWeek), kNone);
}

INSTANTIATE_TEST_SUITE_P(
    LimitTable, Effective,
    testing::Values(
        Case{"one_role", "open", {"staff"}, 100, 10},
        Case{"the_greatest_of_each_over_several_roles", "open", {"guest", "staff"}, 100, 1000},
        Case{"what_one_role_leaves_out_is_unlimited", "open", {"staff", "chief"}, 500, kNone},
        Case{"roles_without_limits_count_for_nothing", "open", {"unknown", "guest"}, 7, 1000},
        Case{"no_role_at_all_gets_the_default", "open", {}, 1, 1},
        Case{"no_role_with_limits_gets_the_default", "open", {"unknown"}, 1, 1},
        Case{"a_role_called_default_is_a_role", "open", {"default", "guest"}, 7, 1000},
        Case{"a_role_outside_of_user_roles_gives_nothing", "guarded/v1.0 x", {"guest", "staff"}, 20, kNone},
        Case{"without_any_and_without_a_default_all_is_unlimited", "guarded/v1.0 x", {"chief"}, kNone, kNone},
        Case{"a_deployment_without_limits_is_unlimited", "free", {"staff"}, kNone, kNone},
        Case{"zero_stays_zero", "open", {"zero"}, 0, kNone},
        Case{"a_greater_limit_lifts_zero", "open", {"zero", "guest"}, 7, kNone}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(LimitTable, cost_looks_at_all_roles_of_the_caller) {
  const LimitTable table(world());
  const auto& guarded = *table.find("guarded/v1.0 x");
  const std::vector<std::string> both{"staff", "chief"};
  const Limits limits = table.effective(guarded, both);
  EXPECT_EQ(limits.of(Window::kCostMinute), 2'250'000'000);
  EXPECT_EQ(limits.of(Window::kCostDay), kNone);
  EXPECT_EQ(limits.of(Window::kCostMonth), 100'000'000'000);
}

TEST(LimitTable, a_cost_limit_below_a_nanodollar_does_not_forbid) {
  const LimitTable table(world());
  const std::vector<std::string> nobody{"nobody"};
  const Limits limits = table.effective(*table.find("free"), nobody);
  EXPECT_EQ(limits.of(Window::kCostMinute), 1);
  EXPECT_FALSE(limits.forbids());
}

TEST(LimitTable, finds_deployments_by_name_and_by_number) {
  const LimitTable table(world());
  EXPECT_EQ(table.find("removed deployment"), nullptr);
  EXPECT_EQ(table.find("open")->id, deployment_id("open"));
  EXPECT_EQ(table.name_of(deployment_id("guarded/v1.0 x")), "guarded/v1.0 x");
  EXPECT_EQ(table.name_of(deployment_id("removed deployment")), "");
}

TEST(LimitTable, says_whose_limits_hold) {
  const LimitTable table(world());
  const std::vector<std::string> both{"guest", "staff"}, nobody{"stranger"};
  const auto of_both = table.owners(*table.find("open"), both);
  EXPECT_EQ(of_both.of_deployment, both);
  EXPECT_EQ(of_both.of_cost, std::vector<std::string>{"staff"});
  EXPECT_EQ(table.owners(*table.find("open"), nobody).of_deployment, std::vector<std::string>{"default"});
  EXPECT_EQ(table.owners(*table.find("guarded/v1.0 x"), both).of_deployment, std::vector<std::string>{"staff"});
  EXPECT_TRUE(table.owners(*table.find("free"), both).of_deployment.empty());
}

}  // namespace
}  // namespace bearerd::state
