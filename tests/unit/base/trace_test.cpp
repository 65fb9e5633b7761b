#include "base/trace.hpp"

#include <gtest/gtest.h>

#include <set>

namespace bearerd::base {
namespace {

TEST(Trace, steps_come_in_the_order_of_the_checks_whatever_was_told_first) {
  Trace trace(false);
  trace.expect(Check::kShape, Check::kProvider);
  trace.fail(Check::kIssuer, "unknown");
  trace.pass(Check::kShape, "fine");
  trace.skip(Check::kCredential, "none");
  const std::vector<Step> steps = trace.steps();
  ASSERT_EQ(steps.size(), 4U);
  EXPECT_EQ(steps[0].check, Check::kCredential);
  EXPECT_EQ(steps[1].outcome, Outcome::kPassed);
  EXPECT_EQ(steps[2].outcome, Outcome::kFailed);
  EXPECT_EQ(steps[3].outcome, Outcome::kNotReached);
  EXPECT_TRUE(trace.has_failed());
}

TEST(Trace, what_is_told_twice_counts_as_it_was_told_last) {
  Trace trace(false);
  trace.fail(Check::kKey, "being fetched");
  trace.pass(Check::kKey, "found");
  ASSERT_EQ(trace.steps().size(), 1U);
  EXPECT_EQ(trace.steps()[0].why, "found");
  EXPECT_FALSE(trace.has_failed());
}

TEST(Trace, what_is_expected_anew_is_forgotten) {
  Trace trace(false);
  trace.pass(Check::kShape, "fine");
  trace.fail(Check::kKey, "being fetched");
  trace.detail(Check::kKey, "none fits");
  trace.expect(Check::kAlgorithm, Check::kKey);
  ASSERT_EQ(trace.steps().size(), 3U);
  EXPECT_EQ(trace.steps()[0].outcome, Outcome::kPassed);
  EXPECT_EQ(trace.steps()[2].outcome, Outcome::kNotReached);
  EXPECT_TRUE(trace.steps()[2].why.empty());
  EXPECT_TRUE(trace.steps()[2].details.empty());
}

TEST(Trace, claims_show_only_where_they_may_and_texts_are_bounded) {
  EXPECT_EQ(Trace(true).claim("alice"), "\"alice\"");
  EXPECT_EQ(Trace(false).claim("alice"), "(not shown)");
  EXPECT_LT(Trace(true).claim(std::string(100'000, 'x')).size(), 300U);
  Trace trace(true);
  trace.pass(Check::kRoute, std::string(100'000, 'x'));
  for (int i = 0; i < 10'000; ++i) trace.detail(Check::kRoute, std::string(100'000, 'x'));
  const Step step = trace.steps().at(0);
  EXPECT_LT(step.why.size(), 2000U);
  EXPECT_LE(step.details.size(), 101U);
  EXPECT_EQ(step.details.back(), "… and more");
}

TEST(Trace, a_cut_never_splits_a_character) {
  std::string umlauts;
  for (int i = 0; i < 200; ++i) umlauts += "ä";
  EXPECT_EQ(base::excerpt("x" + umlauts).find("\xC3…"), std::string::npos);
}

TEST(Trace, every_check_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (std::uint8_t check = 1; check <= kCheckCount; ++check) names.insert(name(static_cast<Check>(check)));
  EXPECT_EQ(names.size(), kCheckCount);
  EXPECT_FALSE(names.contains(""));
  EXPECT_EQ(name(Check::kLimits), "limits");
}

}  // namespace
}  // namespace bearerd::base
