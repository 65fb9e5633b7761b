#include "ctl/terminal.hpp"

#include <gtest/gtest.h>

namespace bearerd::ctl {
namespace {

using Rows = std::vector<std::vector<Cell>>;

TEST(Terminal, the_last_column_of_a_table_goes_on_below_and_loses_nothing) {
  const Rows rows{{{"NAME"}, {"NOTE"}}, {{"auth0"}, {"a long explanation of some trouble"}}, {{"okta"}, {""}}};
  EXPECT_EQ(table({false, 31}, rows),
            "NAME   NOTE\n"
            "auth0  a long explanation of\n"
            "       some trouble\n"
            "okta\n");
  EXPECT_EQ(table({false, 0}, rows), "NAME   NOTE\nauth0  a long explanation of some trouble\nokta\n");
}

TEST(Terminal, a_last_column_without_room_stands_below_its_row) {
  const Rows rows{{{"PROVIDER"}, {"NOTE"}}, {{"keycloak"}, {"no answer from its issuer"}}, {{"okta"}, {"x"}}};
  EXPECT_EQ(table({false, 20}, rows),
            "PROVIDER  NOTE\n"
            "keycloak\n"
            "    no answer from\n"
            "    its issuer\n"
            "okta      x\n");
}

TEST(Terminal, a_word_of_the_last_column_is_not_broken_where_it_has_room_below) {
  const Rows rows{{{"A"}, {"NOTE"}}, {{"abcdefghij"}, {"/etc/bearerd/settings.json:31:23: x"}}};
  EXPECT_EQ(table({false, 40}, rows),
            "A           NOTE\n"
            "abcdefghij\n"
            "    /etc/bearerd/settings.json:31:23: x\n");
}

TEST(Terminal, columns_that_give_way_are_cut_for_the_others_the_widest_first) {
  const Cell name{"NAME", Colour::kNone, true}, place{"PLACE", Colour::kNone, true};
  const Rows rows{{name, place, {"LEFT"}}, {{"a-very-long-name-of-somebody"}, {"a-place-near"}, {"1000000"}}};
  EXPECT_EQ(table({false, 40}, rows),
            "NAME               PLACE         LEFT\n"
            "a-very-long-name…  a-place-near  1000000\n");
  EXPECT_EQ(table({false, 30}, rows),
            "NAME       PLACE       LEFT\n"
            "a-very-l…  a-place-n…  1000000\n");
  EXPECT_EQ(table({false, 0}, rows),
            "NAME                          PLACE         LEFT\n"
            "a-very-long-name-of-somebody  a-place-near  1000000\n");
}

TEST(Terminal, a_labelled_text_goes_on_below_itself) {
  EXPECT_EQ(labelled({false, 14}, "files", 7, "/a /bb /cc"), "files  /a /bb\n       /cc\n");
  EXPECT_EQ(labelled({true, 0}, "log", 5, "x", Colour::kOdd), "log  \x1b[33mx\x1b[0m\n");
}

TEST(Terminal, no_line_of_a_table_is_wider_than_a_tiny_terminal) {
  const Rows rows{{{"PROVIDER"}, {"PLUGIN"}, {"NOTE"}}, {{"keycloak"}, {"keycloak 1.0.0"}, {"x"}}};
  EXPECT_EQ(table({false, 10}, rows), "PROVIDER\nkeycloak\n    x\n");
  EXPECT_EQ(table({true, 10}, rows), "\x1b[2mPROVIDER\x1b[0m\nkeycloak\n    x\n");
}

TEST(Terminal, lines_are_broken_between_words_or_characters) {
  using Lines = std::vector<std::string_view>;
  EXPECT_EQ(lines_of("one two three", 8), (Lines{"one two", "three"}));
  EXPECT_EQ(lines_of("one two", 7), (Lines{"one two"}));
  EXPECT_EQ(lines_of("one two", 3), (Lines{"one", "two"}));
  EXPECT_EQ(lines_of("abcdefgh", 3), (Lines{"abc", "def", "gh"}));
  EXPECT_EQ(lines_of("ëëëë", 3), (Lines{"ëëë", "ë"}));
  EXPECT_EQ(lines_of("ab    cd", 4), (Lines{"ab", "cd"}));
  EXPECT_EQ(lines_of("", 3), (Lines{""}));
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
