#include "observe/user_key.hpp"

#include <gtest/gtest.h>

namespace bearerd::observe {
namespace {

// Expected values: echo -n salttest@email.com | sha256sum
TEST(UserKey, is_the_hash_that_dial_core_writes) {
  EXPECT_EQ(user_key(base::Secret(std::string_view("salt")), "test@email.com"),
            "d37d4b6156e7dcfab89e3c306b41d3bd7cf5dbe4c3db04160c791b3f519c09a2");
}

TEST(UserKey, hashes_utf_8_bytes_as_they_are) {
  EXPECT_EQ(user_key(base::Secret(std::string_view("s")), "Zo\xC3\xAB"),
            "c16ac28eebf4dfac655ee5e06e0fd0c94d843126d7d40fc2cabee84c06c22273");
}

TEST(UserKey, without_salt_is_the_plain_hash) {
  EXPECT_EQ(user_key(base::Secret(), ""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(UserKey, differs_with_the_salt) {
  EXPECT_NE(user_key(base::Secret(std::string_view("a")), "user"),
            user_key(base::Secret(std::string_view("b")), "user"));
}

}  // namespace
}  // namespace bearerd::observe
