#include "base/percent_encoding.hpp"

#include <gtest/gtest.h>

namespace bearerd::base {
namespace {

TEST(PercentEncoding, each_escape_is_decoded_once) {
  EXPECT_EQ(percent_decoded("a%2Fb%2fc%2541+"), "a/b/c%41+");
  EXPECT_EQ(percent_decoded(""), "");
}

TEST(PercentEncoding, broken_escape_makes_it_nothing) {
  for (const char* const text : {"%", "a%4", "%4g", "%g4", "%-1"}) EXPECT_FALSE(percent_decoded(text)) << text;
}

}  // namespace
}  // namespace bearerd::base
