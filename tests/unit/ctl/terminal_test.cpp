#include "ctl/terminal.hpp"

#include <gtest/gtest.h>

namespace bearerd::ctl {
namespace {

TEST(Terminal, a_table_is_cut_to_the_width_in_its_last_column) {
  const std::vector<std::vector<Cell>> rows{{{"NAME"}, {"NOTE"}}, {{"auth0"}, {"a long explanation of trouble"}}};
  EXPECT_EQ(table({false, 20}, rows), "NAME   NOTE\nauth0  a long expla…\n");
  EXPECT_EQ(table({false, 0}, rows), "NAME   NOTE\nauth0  a long explanation of trouble\n");
}

TEST(Terminal, no_line_of_a_table_is_wider_than_a_tiny_terminal) {
  const std::vector<std::vector<Cell>> rows{{{"PROVIDER"}, {"PLUGIN"}, {"NOTE"}},
                                            {{"keycloak"}, {"keycloak 1.0.0"}, {"x"}}};
  EXPECT_EQ(table({false, 10}, rows), "PROVIDER\nkeycloak\n");
  EXPECT_EQ(table({true, 10}, rows), "\x1b[2mPROVIDER\x1b[0m\nkeycloak\n");
}

TEST(Terminal, colours_appear_only_when_allowed) {
  EXPECT_EQ(paint({true, 80}, Colour::kBad, "no"), "\x1b[31mno\x1b[0m");
  EXPECT_EQ(paint({false, 80}, Colour::kBad, "no"), "no");
}

TEST(Terminal, what_the_daemon_says_can_not_steer_the_terminal) {
  EXPECT_EQ(printable("a\x1b[31mb\nc\xC2\x9B"), "a [31mb c ");
  EXPECT_EQ(printable("Zo\xC3\xAB"), "Zo\xC3\xAB");
}

TEST(Terminal, columns_are_counted_in_characters) {
  EXPECT_EQ(fit("ëëëë", 4), "ëëëë");
  EXPECT_EQ(fit("ëëëëë", 4), "ëëë…");
}

TEST(Terminal, durations_read_naturally) {
  EXPECT_EQ(duration_text(-5), "0 s");
  EXPECT_EQ(duration_text(59), "59 s");
  EXPECT_EQ(duration_text(61), "1 min");
  EXPECT_EQ(duration_text(11'540), "3 h 12 min");
  EXPECT_EQ(duration_text(360'000), "4 d 4 h");
}

}  // namespace
}  // namespace bearerd::ctl
