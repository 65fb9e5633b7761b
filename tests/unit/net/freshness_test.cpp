#include "net/freshness.hpp"

#include <gtest/gtest.h>

namespace bearerd::net {
namespace {

using std::chrono::seconds;

constexpr std::string_view kDate = "Sun, 22 Nov 2026 12:00:00 GMT";
constexpr std::string_view kHourLater = "Sun, 22 Nov 2026 13:00:00 GMT";

seconds of(std::string_view cache_control, std::string_view age = "", std::string_view expires = "",
           std::string_view date = "") {
  return freshness_of({cache_control, age, expires, date});
}

TEST(Freshness, max_age_counts_less_age) {
  EXPECT_EQ(of("public, max-age=600"), seconds{600});
  EXPECT_EQ(of("Max-Age=\"600\" , must-revalidate", "100"), seconds{500});
  EXPECT_EQ(of("max-age=600", "601"), seconds{0});
  EXPECT_EQ(of("max-age=600", "x"), seconds{600});
}

TEST(Freshness, nothing_said_is_negative) {
  EXPECT_LT(of(""), seconds{0});
  EXPECT_LT(of("public, s-maxage=600, x-max-age=5"), seconds{0});
  EXPECT_LT(of("", "", kHourLater), seconds{0}) << "without a Date there is nothing to compare with";
}

TEST(Freshness, what_must_not_be_kept_is_never_fresh) {
  EXPECT_EQ(of("no-store, max-age=600"), seconds{0});
  EXPECT_EQ(of("No-Cache"), seconds{0});
}

TEST(Freshness, absurd_values_do_no_harm) {
  EXPECT_EQ(of("max-age=99999999999999999999999"), seconds{1U << 31U});
  EXPECT_EQ(of("max-age=-5"), seconds{0});
  EXPECT_EQ(of("max-age="), seconds{0});
  EXPECT_EQ(of("max-age=600, max-age=60"), seconds{60});
}

TEST(Freshness, expires_counts_from_date_and_after_max_age) {
  EXPECT_EQ(of("", "", kHourLater, kDate), seconds{3600});
  EXPECT_EQ(of("max-age=60", "", kHourLater, kDate), seconds{60});
  EXPECT_EQ(of("", "", kDate, kHourLater), seconds{0});
  EXPECT_EQ(of("", "", "0", kDate), seconds{0});
  EXPECT_EQ(of("", "", "-1", kDate), seconds{0});
}

}  // namespace
}  // namespace bearerd::net
