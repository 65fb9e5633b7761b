#include "access/rules.hpp"

#include <gtest/gtest.h>

namespace bearerd::access {
namespace {

using settings::RuleFunction;

const std::vector<std::string> kRolesOfCaller{"Reader", "team-blue", "ÄRZTE"};
const std::vector<Claim> kClaims{{"title", {"Software Engineer"}}, {"groups", {"a", "b"}}, {"address", {}}};

bool grants(const std::vector<settings::Rule>& rules) {
  return Rules(rules).grant({"demo", kRolesOfCaller, kClaims, std::nullopt});
}

struct Case {
  settings::Rule rule;
  bool is_granted;
};

TEST(Rules, match_as_dial_cores_do) {
  using enum RuleFunction;
  for (const Case& each : {
           Case{{"roles", kEqual, {"reader"}}, true},
           {{"roles", kEqual, {"READER"}}, true},
           {{"roles", kEqual, {"reade"}}, false},
           {{"roles", kEqual, {"reader "}}, false},
           {{"roles", kEqual, {"writer", "team-BLUE"}}, true},
           {{"roles", kEqual, {"ärzte"}}, true},
           {{"roles", kEqual, {"rea.er"}}, false},  // a target of EQUAL is no pattern
           {{"roles", kContain, {"TEAM-"}}, true},
           {{"roles", kContain, {"am-bl"}}, true},
           {{"roles", kContain, {"a.*b"}}, false},
           {{"roles", kContain, {"green"}}, false},
           {{"roles", kRegex, {"team-(blue|green)"}}, true},
           {{"roles", kRegex, {"team-"}}, false},      // the whole value
           {{"roles", kRegex, {"TEAM-BLUE"}}, false},  // REGEX does not ignore case
           {{"roles", kRegex, {"(?i)TEAM-BLUE"}}, true},
           {{"roles", kTrue, {}}, true},
           {{"", kTrue, {}}, true},
           {{"roles", kFalse, {}}, false},
           {{"title", kEqual, {"software engineer"}}, true},
           {{"title", kContain, {"ENGINEER"}}, true},
           {{"groups", kEqual, {"b"}}, true},
           {{"address", kTrue, {}}, true},  // it is there, whatever it holds
           {{"address", kContain, {"x"}}, false},
           {{"address", kRegex, {".*"}}, false},
           {{"absent", kTrue, {}}, false},
           {{"absent", kRegex, {".*"}}, false},
           {{"absent", kEqual, {"reader"}}, false},
       }) {
    EXPECT_EQ(grants({each.rule}), each.is_granted) << each.rule.source << ' ' << static_cast<int>(each.rule.function)
                                                    << ' ' << testing::PrintToString(each.rule.targets);
  }
}

TEST(Rules, one_that_matches_is_enough_and_an_empty_list_grants_nothing) {
  EXPECT_TRUE(grants({{"roles", RuleFunction::kFalse, {}}, {"roles", RuleFunction::kEqual, {"reader"}}}));
  EXPECT_FALSE(grants({}));
}

TEST(Rules, name_the_claims_that_they_look_at) {
  const Rules rules(
      {{"roles", RuleFunction::kTrue, {}}, {"", RuleFunction::kTrue, {}}, {"title", RuleFunction::kTrue, {}}});
  EXPECT_EQ(rules.claim_names(), std::vector<std::string>{"title"});
}

}  // namespace
}  // namespace bearerd::access
