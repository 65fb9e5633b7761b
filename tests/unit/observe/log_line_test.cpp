#include "observe/log_line.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace bearerd::observe {
namespace {

using namespace std::chrono_literals;

const base::WallTime kTime{1'763'832'253'012'345'678ns};
constexpr LineStyle kJson{Format::kJson, false, false};
constexpr LineStyle kText{Format::kText, false, false};

TEST(JsonLine, holds_time_level_event_message_and_fields_in_order) {
  EXPECT_EQ(
      format_line(
          kJson, kTime, Level::kNotice, "reload", "settings are served",
          {{"generation", std::int64_t{7}}, {"kind", std::string_view("static")}, {"is_first", true}, {"load", 0.5}}),
      "{\"time\":\"2025-11-22T17:24:13.012345Z\",\"level\":\"notice\",\"event\":\"reload\","
      "\"message\":\"settings are served\",\"generation\":7,\"kind\":\"static\",\"is_first\":true,\"load\":0.5}\n");
}

TEST(JsonLine, escapes_what_would_end_the_string_or_the_line) {
  const std::string line = format_line(kJson, kTime, Level::kInfo, "e", "a\"b\\c\nd\r\x1b[31m", {});
  EXPECT_NE(line.find("a\\\"b\\\\c\\u000ad\\u000d\\u001b[31m"), std::string::npos);
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
}

TEST(JsonLine, replaces_bytes_that_are_no_utf_8) {
  EXPECT_NE(format_line(kJson, kTime, Level::kInfo, "e", "\xFFx", {}).find("\xEF\xBF\xBDx"), std::string::npos);
}

TEST(JsonLine, writes_null_for_a_number_that_json_lacks) {
  const auto line = format_line(kJson, kTime, Level::kInfo, "e", "", {{"x", std::numeric_limits<double>::quiet_NaN()}});
  EXPECT_NE(line.find("\"x\":null"), std::string::npos);
}

TEST(JsonLine, cuts_a_value_that_is_too_long) {
  EXPECT_LT(format_line(kJson, kTime, Level::kInfo, "e", std::string(1'000'000, 'x'), {}).size(), 5000U);
}

TEST(JsonLine, begins_with_the_priority_that_the_journal_reads) {
  const LineStyle style{Format::kJson, true, false};
  EXPECT_TRUE(format_line(style, kTime, Level::kError, "e", "", {}).starts_with("<3>{"));
  EXPECT_TRUE(format_line(style, kTime, Level::kWarning, "e", "", {}).starts_with("<4>{"));
  EXPECT_TRUE(format_line(style, kTime, Level::kNotice, "e", "", {}).starts_with("<5>{"));
  EXPECT_TRUE(format_line(style, kTime, Level::kInfo, "e", "", {}).starts_with("<6>{"));
  EXPECT_TRUE(format_line(style, kTime, Level::kDebug, "e", "", {}).starts_with("<7>{"));
}

TEST(TextLine, reads_like_a_sentence_with_named_values) {
  EXPECT_EQ(format_line(kText, kTime, Level::kWarning, "refresh", "keys are stale",
                        {{"provider", std::string_view("auth0")},
                         {"empty", std::string_view()},
                         {"note", std::string_view("two words")}}),
            "2025-11-22T17:24:13.012345Z warning refresh: keys are stale provider=auth0 note=\"two words\"\n");
}

TEST(TextLine, lets_no_value_steer_the_terminal) {
  const std::string line = format_line(kText, kTime, Level::kInfo, "e", "\x1b]0;x\x07",
                                       {{"v", std::string_view("\xC2\x9B"
                                                               "2J\n")}});
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_EQ(line.find("\xC2\x9B"), std::string::npos);
  EXPECT_NE(line.find("\\u009b2J\\u000a"), std::string::npos);
}

TEST(TextLine, has_colours_only_when_asked) {
  const LineStyle colours{Format::kText, false, true};
  EXPECT_NE(format_line(colours, kTime, Level::kError, "e", "", {}).find("\x1b[31merror\x1b[0m"), std::string::npos);
  EXPECT_EQ(format_line(kText, kTime, Level::kError, "e", "", {}).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace bearerd::observe
