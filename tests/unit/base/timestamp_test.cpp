#include "base/timestamp.hpp"

#include <gtest/gtest.h>

namespace bearerd::base {
namespace {

std::int64_t seconds_of(std::string_view text) {
  const auto time = parse_timestamp(text);
  return time ? time->seconds : -1;
}

TEST(Timestamp, is_read_in_utc_and_with_an_offset) {
  EXPECT_EQ(seconds_of("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(seconds_of("2026-01-01T00:00:00Z"), 1'767'225'600);
  EXPECT_EQ(seconds_of("2026-01-01t02:30:01+02:30"), 1'767'225'601);
  EXPECT_EQ(seconds_of("2025-12-31T23:00:00-01:00"), 1'767'225'600);
  EXPECT_EQ(seconds_of("2024-02-29T12:00:00z"), 1'709'208'000);
}

TEST(Timestamp, counts_a_fraction_as_the_second_after_it) {
  EXPECT_EQ(seconds_of("1970-01-01T00:00:05.000Z"), 5);
  EXPECT_EQ(seconds_of("1970-01-01T00:00:05.0001Z"), 6);
  EXPECT_EQ(seconds_of("1970-01-01T00:00:59.9+00:00"), 60);
}

TEST(Timestamp, that_is_not_exactly_one_is_none) {
  for (const char* text : {"",
                           "now",
                           "2026-01-01",
                           "2026-01-01T00:00:00",
                           "2026-01-01 00:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "2026-01-01T24:00:00Z",
                           "2026-01-01T00:60:00Z",
                           "2026-01-01T00:00:60Z",
                           "2026-01-01T00:00:00.Z",
                           "2026-01-01T00:00:00+2:00",
                           "2026-01-01T00:00:00+24:00",
                           "2026-01-01T00:00:00ZZ",
                           "02026-01-01T00:00:00Z",
                           "+026-01-01T00:00:00Z",
                           "1969-12-31T23:59:59Z",
                           "1970-01-01T00:30:00+01:00",
                           "9999-12-31T23:59:59.5Z",
                           "1767225600"}) {
    EXPECT_EQ(parse_timestamp(text), std::nullopt) << text;
  }
}

TEST(Timestamp, is_written_as_it_is_read) {
  for (const std::int64_t seconds : {std::int64_t{0}, std::int64_t{1'709'208'000}, std::int64_t{253'402'300'799}}) {
    EXPECT_EQ(seconds_of(to_text(Timestamp{seconds})), seconds);
  }
  EXPECT_EQ(to_text(Timestamp{1'767'225'661}), "2026-01-01T00:01:01Z");
}

}  // namespace
}  // namespace bearerd::base
