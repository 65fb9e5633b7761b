#include "access/client_address.hpp"

#include <gtest/gtest.h>

namespace bearerd::access {
namespace {

TEST(FindClient, the_last_entry_is_the_clients_and_each_trusted_proxy_moves_one_to_the_left) {
  EXPECT_EQ(find_client("10.0.0.1", 0), "10.0.0.1");
  EXPECT_EQ(find_client("6.6.6.6, 10.0.0.1", 0), "10.0.0.1");
  EXPECT_EQ(find_client("6.6.6.6,10.0.0.1\t, 10.0.0.2", 1), "10.0.0.1");
  EXPECT_EQ(find_client("a, b, c", 2), "a");
}

TEST(FindClient, what_is_not_there_is_not_invented) {
  EXPECT_FALSE(find_client("", 0));
  EXPECT_FALSE(find_client("10.0.0.1", 1));
  EXPECT_FALSE(find_client("10.0.0.1,", 0));
  EXPECT_FALSE(find_client("10.0.0.1, ,10.0.0.2", 1));
  EXPECT_FALSE(find_client(" \t", 0));
}

}  // namespace
}  // namespace bearerd::access
