#include "http/rate_limit_fields.hpp"

#include <gtest/gtest.h>

namespace bearerd::http {
namespace {

using state::Window;
using state::WindowStanding;

std::string fields_of(std::initializer_list<WindowStanding> windows) {
  state::Standing standing;
  for (const WindowStanding& window : windows) standing.windows[standing.count++] = window;
  std::string out;
  append_rate_limit_fields(out, standing);
  return out;
}

TEST(RateLimitFields, are_absent_where_nothing_is_limited) { EXPECT_EQ(fields_of({}), ""); }

TEST(RateLimitFields, name_each_limited_window_with_what_is_left) {
  EXPECT_EQ(fields_of({{Window::kTokensMinute, 1000, 400, 12}, {Window::kRequestsDay, 10, 0, 0}}),
            "RateLimit-Policy: \"tokens_minute\";q=1000;qu=\"tokens\";w=60, \"requests_day\";q=10;w=86400\r\n"
            "RateLimit: \"tokens_minute\";r=600;t=12, \"requests_day\";r=10\r\n");
}

TEST(RateLimitFields, show_cost_in_microdollars_and_nothing_below_zero) {
  EXPECT_EQ(fields_of({{Window::kCostMonth, 2'500'000'000, 3'000'000'000, 99}}),
            "RateLimit-Policy: \"cost_month\";q=2500000;qu=\"microdollars\";w=2592000\r\n"
            "RateLimit: \"cost_month\";r=0;t=99\r\n");
}

TEST(RateLimitFields, keep_to_what_a_structured_integer_may_hold) {
  EXPECT_NE(fields_of({{Window::kTokensDay, state::Limits::kUnlimited - 1, 0, 0}}).find("q=999999999999999;"),
            std::string::npos);
}

}  // namespace
}  // namespace bearerd::http
