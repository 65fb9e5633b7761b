#include "state/caller_id.hpp"

#include <gtest/gtest.h>

#include "base/secret.hpp"
#include "state/state_key.hpp"

namespace bearerd::state {
namespace {

TEST(CallerId, is_read_as_it_was_sent) {
  const std::string text = caller_key(base::Secret(std::string(32, 'k')), "auth0", "alice");
  const auto caller = parse_caller(text);
  ASSERT_TRUE(caller);
  EXPECT_EQ(to_text(*caller), text);
}

TEST(CallerId, that_is_anything_else_is_refused) {
  const std::string text = caller_key(base::Secret(std::string(32, 'k')), "auth0", "alice");
  for (const std::string& wrong : {std::string(), text + "A", text.substr(1), "+" + text.substr(1),
                                   "=" + text.substr(1), std::string(43, ' '), std::string(43, '\xFF')}) {
    EXPECT_FALSE(parse_caller(wrong)) << wrong;
  }
  // The two bits behind the last byte: one caller, one text.
  EXPECT_TRUE(parse_caller(std::string(42, 'A') + "A"));
  for (const char last : {'B', 'C', 'D'}) EXPECT_FALSE(parse_caller(std::string(42, 'A') + last));
}

TEST(DeploymentId, is_the_published_beginning_of_sha_256) {
  // printf gpt-4 | sha256sum
  EXPECT_EQ(deployment_id("gpt-4"), 0x1b1ae706971632adULL);
  EXPECT_NE(deployment_id("gpt-4"), deployment_id("gpt-4 "));
  EXPECT_NE(deployment_id(""), kCostOfCaller);
}

}  // namespace
}  // namespace bearerd::state
