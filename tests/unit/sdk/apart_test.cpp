#include "sdk/check/apart.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <stdexcept>

namespace bearerd::check {
namespace {

constexpr std::chrono::seconds kLong{60};

TEST(Apart, finding_and_output_come_back) {
  const Apart apart = run_apart(
      [] {
        std::puts("said");
        std::fputs("whispered", stderr);
        return Finding{Outcome::kPassed, "well"};
      },
      kLong);
  EXPECT_EQ(apart.finding.outcome, Outcome::kPassed);
  EXPECT_EQ(apart.finding.detail, "well");
  EXPECT_EQ(apart.output, "said\n");
  EXPECT_EQ(apart.errors, "whispered");
  EXPECT_FALSE(apart.has_died);
}

TEST(Apart, memory_of_the_check_is_its_own) {
  int touched = 0;
  static_cast<void>(run_apart([&] { return Finding{Outcome::kPassed, std::to_string(++touched)}; }, kLong));
  EXPECT_EQ(touched, 0);
}

TEST(Apart, killed_check_has_failed) {
  const Apart apart = run_apart(
      []() -> Finding {
        ::signal(SIGTERM, SIG_DFL);
        ::raise(SIGTERM);
        return {Outcome::kPassed, ""};
      },
      kLong);
  EXPECT_EQ(apart.finding.outcome, Outcome::kFailed);
  EXPECT_NE(apart.finding.detail.find("SIGTERM"), std::string::npos) << apart.finding.detail;
  EXPECT_TRUE(apart.has_died);
}

TEST(Apart, check_that_leaves_has_failed) {
  const Apart apart = run_apart([]() -> Finding { ::_exit(0); }, kLong);
  EXPECT_EQ(apart.finding.outcome, Outcome::kFailed);
  EXPECT_TRUE(apart.has_died);
}

TEST(Apart, check_that_hangs_has_failed) {
  const Apart apart = run_apart(
      []() -> Finding {
        for (;;) ::pause();
      },
      std::chrono::milliseconds(100));
  EXPECT_EQ(apart.finding.outcome, Outcome::kFailed);
  EXPECT_TRUE(apart.has_died);
}

TEST(Apart, check_that_throws_has_failed) {
  const Apart apart = run_apart([]() -> Finding { throw std::runtime_error("why"); }, kLong);
  EXPECT_EQ(apart.finding.outcome, Outcome::kFailed);
  EXPECT_NE(apart.finding.detail.find("why"), std::string::npos);
  EXPECT_FALSE(apart.has_died);
}

}  // namespace
}  // namespace bearerd::check
