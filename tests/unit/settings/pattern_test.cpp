#include <gmock/gmock.h>

#include "settings/pattern_advice.hpp"
#include "settings/regex.hpp"
#include "settings/url.hpp"

namespace bearerd::settings {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

TEST(Regex, matches_the_whole_value_only) {
  const auto regex = Regex::compile("a.c|b").value();
  EXPECT_TRUE(regex->matches_whole("abc"));
  EXPECT_TRUE(regex->matches_whole("b"));
  EXPECT_FALSE(regex->matches_whole("abcd"));
  EXPECT_FALSE(regex->matches_whole("xabc"));
  EXPECT_FALSE(regex->matches_whole("b\n"));
}

TEST(Regex, ignores_case_where_it_is_asked_to_and_takes_the_text_as_it_stands) {
  const auto regex = Regex::compile_ignoring_case("Ärzte.*").value();
  EXPECT_TRUE(regex->matches_whole("äRZTE.*"));
  EXPECT_FALSE(regex->matches_whole("Ärzte"));
  EXPECT_FALSE(regex->matches_whole("Ärzte.*!"));
  EXPECT_TRUE(regex->matches_part("die ärzte.* !"));
  EXPECT_FALSE(regex->matches_part("arzte.*"));
}

TEST(Regex, no_look_alike_of_an_ascii_letter_passes_for_it) {
  const auto regex = Regex::compile_ignoring_case("kim.Siskin@corp.example").value();
  EXPECT_TRUE(regex->matches_whole("KIM.sISKIN@CORP.example"));
  EXPECT_TRUE(regex->matches_part("<Ä kim.siskin@corp.example>"));
  EXPECT_FALSE(regex->matches_whole("\xE2\x84\xAAim.Siskin@corp.example")) << "the Kelvin sign";
  EXPECT_FALSE(regex->matches_part("kim.Si\xC5\xBFkin@corp.example")) << "the long s";
}

TEST(Regex, captures_what_its_group_took_of_the_whole_text) {
  const auto regex = Regex::compile("/(?:a|b)/([^/]+)(?:/.*)?").value();
  EXPECT_EQ(regex->groups(), 1);
  EXPECT_EQ(regex->capture("/a/name/x"), "name");
  EXPECT_EQ(regex->capture("/a/name"), "name");
  EXPECT_EQ(regex->capture("/c/name"), std::nullopt);
  EXPECT_EQ(Regex::compile("a|(b)").value()->capture("a"), std::nullopt);
  EXPECT_EQ(Regex::compile("a").value()->capture("a"), std::nullopt);
}

TEST(Regex, splits_and_drops_blank_parts) {
  EXPECT_THAT(Regex::compile("[,;]").value()->split("a, ;b;; ,c"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Regex::compile(",*").value()->split("ab,c"), ElementsAre("ab", "c"));
}

TEST(Regex, what_it_cant_take_is_refused_with_the_mend) {
  EXPECT_THAT(Regex::compile("^(?!evil).*$").error().text, HasSubstr("look-ahead can't be matched in linear time"));
  EXPECT_THAT(Regex::compile(R"((a)\1)").error().text, HasSubstr("write the repeated part out"));
  EXPECT_THAT(Regex::compile("a*+b").error().text, HasSubstr("write \"*\" for \"*+\""));
  EXPECT_FALSE(Regex::compile("((((a{1,1000}){1,1000})").has_value());
}

// Of an advice: the pattern in quotes at its end.
std::string tighter_of(std::string_view advice) {
  constexpr std::string_view kBegin = "; use \"";
  std::string pattern;
  for (std::size_t i = advice.find(kBegin) + kBegin.size(); i + 1 < advice.size(); ++i) {
    if (advice[i] == '\\') ++i;
    pattern += advice[i];
  }
  return pattern;
}

// The tighter pattern refuses the attacker and still takes the real issuer.
void expect_tightened(std::string_view pattern, std::string_view good, std::string_view evil) {
  const auto advice = advise_on_issuer_pattern(pattern);
  ASSERT_TRUE(advice.has_value()) << pattern;
  ASSERT_THAT(*advice, AllOf(HasSubstr("; use \""), EndsWith("\""))) << pattern;
  const auto loose = Regex::compile(pattern).value();
  const auto tight = Regex::compile(tighter_of(*advice)).value();
  EXPECT_TRUE(loose->matches_whole(evil)) << pattern;
  EXPECT_FALSE(tight->matches_whole(evil)) << *advice;
  EXPECT_TRUE(tight->matches_whole(good)) << *advice;
}

TEST(PatternAdvice, a_host_that_can_be_continued_is_tightened) {
  expect_tightened(R"(^https:\/\/x\.eu\.auth0\.com.*$)", "https://x.eu.auth0.com/",
                   "https://x.eu.auth0.com.evil.example/");
  expect_tightened(R"(^https:\/\/sts\.windows\.net.+$)", "https://sts.windows.net/t/",
                   "https://sts.windows.net.evil.example/");
  expect_tightened(R"(https://a\.b.*)", "https://a.b", "https://a.b.evil.example");
  expect_tightened(R"(^https://.*\.auth0\.com/$)", "https://x.auth0.com/", "https://evil.example/x.auth0.com/");
  expect_tightened(R"(^https://login.example\.com/$)", "https://login.example.com/", "https://loginxexample.com/");
}

TEST(PatternAdvice, a_pattern_for_any_host_is_told) {
  EXPECT_TRUE(advise_on_issuer_pattern(".*").has_value());
  EXPECT_TRUE(advise_on_issuer_pattern("^https://.+$").has_value());
}

TEST(PatternAdvice, a_tight_pattern_is_left_alone) {
  EXPECT_FALSE(advise_on_issuer_pattern(R"(^https:\/\/cognito-idp\.eu\.amazonaws\.com\/pool$)").has_value());
  EXPECT_FALSE(advise_on_issuer_pattern(R"(^https:\/\/sso\.acme\.example\/realms\/.*$)").has_value());
}

TEST(Url, what_a_fetch_refuses_is_refused) {
  EXPECT_FALSE(parse_url("https://idp.example/keys[1]").has_value());
  EXPECT_FALSE(parse_url("https://idp.example/" + std::string(5000, 'a')).has_value());
  EXPECT_EQ(parse_url("ftp:///a").error().text, "is no https URL");
}

TEST(Url, slips_of_published_pages_are_named) {
  EXPECT_EQ(parse_url("https:///acme.example/keys").error().text,
            "has three slashes after the scheme: write https://acme.example/keys");
  EXPECT_EQ(parse_url("acme.example/keys").error().text, "has no scheme: write https://acme.example/keys");
  EXPECT_FALSE(parse_url("https://a@b/").has_value());
  EXPECT_FALSE(parse_url("https://a\\b/").has_value());
  EXPECT_FALSE(parse_url("ftp://a/").has_value());
  EXPECT_FALSE(parse_url("https://").has_value());
  EXPECT_FALSE(parse_url("https://a:0/").has_value());
  EXPECT_EQ(parse_url("https://[::1]:8443/x").value().host, "::1");
  EXPECT_EQ(find_placeholder("https://<tenant>/"), "<tenant>");
  EXPECT_EQ(find_placeholder("a${b}c"), "${b}");
  EXPECT_EQ(find_placeholder("(?<name>a)(?P<name>a)"), std::nullopt);
}

}  // namespace
}  // namespace bearerd::settings
