// The public names: closed lists, each name once, zero never good.
#include <gtest/gtest.h>

#include <set>

#include "base/algorithm.hpp"
#include "base/reason.hpp"

namespace bearerd::base {
namespace {

TEST(Reason, every_one_has_its_own_name_and_is_found_by_it) {
  std::set<std::string_view> names;
  for (const Reason reason : all_reasons()) {
    EXPECT_TRUE(names.insert(name(reason)).second) << name(reason);
    EXPECT_EQ(find_reason(name(reason)), reason);
  }
  EXPECT_EQ(names.size(), kReasonCount);
  EXPECT_EQ(find_reason(""), std::nullopt);
  EXPECT_EQ(find_reason("OK"), std::nullopt);
}

TEST(Reason, the_list_is_in_the_order_of_the_enumeration) {
  for (std::size_t i = 0; i < kReasonCount; ++i) EXPECT_EQ(static_cast<std::size_t>(all_reasons().at(i)), i + 1);
}

TEST(Reason, only_ok_allows) {
  for (const Reason reason : all_reasons()) {
    EXPECT_EQ(kind_of(reason) == DecisionKind::kAllow, reason == Reason::kOk) << name(reason);
    EXPECT_EQ(http_status(reason) == 200, reason == Reason::kOk) << name(reason);
    EXPECT_EQ(kind_of(reason) == DecisionKind::kError, http_status(reason) == 503) << name(reason);
  }
}

TEST(Reason, what_is_not_in_the_list_is_our_own_fault) {
  for (const int value : {0, 33, 255}) {
    const auto reason = static_cast<Reason>(value);
    EXPECT_EQ(name(reason), "internal");
    EXPECT_EQ(kind_of(reason), DecisionKind::kError);
    EXPECT_EQ(http_status(reason), 503);
  }
}

TEST(DecisionKind, has_public_names_and_zero_is_an_error) {
  EXPECT_EQ(name(DecisionKind::kAllow), "allow");
  EXPECT_EQ(name(DecisionKind::kDeny), "deny");
  EXPECT_EQ(name(DecisionKind::kError), "error");
  EXPECT_EQ(name(DecisionKind{}), "error");
}

TEST(Algorithm, every_one_has_its_own_name_and_is_found_by_it) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kAlgorithmCount; ++i) {
    const Algorithm algorithm = all_algorithms().at(i);
    EXPECT_EQ(static_cast<std::size_t>(algorithm), i + 1);
    EXPECT_TRUE(names.insert(name(algorithm)).second);
    EXPECT_EQ(find_algorithm(name(algorithm)), algorithm);
    EXPECT_EQ(is_symmetric(algorithm), name(algorithm).starts_with("HS"));
  }
}

TEST(Algorithm, names_are_exact) {
  EXPECT_EQ(find_algorithm("Ed25519"), Algorithm::kEdDsa);
  for (const std::string_view unknown :
       {"", "none", "None", "rs256", "RS256 ", " RS256", "Ed448", "ES256K", "eddsa", "ed25519", "RS1"}) {
    EXPECT_EQ(find_algorithm(unknown), std::nullopt) << unknown;
  }
  EXPECT_EQ(find_algorithm(std::string_view("RS256\0", 6)), std::nullopt);
}

TEST(Algorithm, a_value_that_is_none_has_no_name) {
  EXPECT_EQ(name(Algorithm{}), "unknown");
  EXPECT_EQ(name(static_cast<Algorithm>(14)), "unknown");
}

}  // namespace
}  // namespace bearerd::base
