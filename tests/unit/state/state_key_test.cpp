#include "state/state_key.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>  // mkdtemp
#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "base/file.hpp"

namespace bearerd::state {
namespace {

class StateKeyTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "bearerd-state-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    path_ = folder_ + "/state.key";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string folder_, path_;
};

TEST_F(StateKeyTest, is_made_once_and_read_again_after_that) {
  const auto made = open_state_key(path_);
  ASSERT_TRUE(made) << made.error().text;
  EXPECT_EQ(made->size(), 32U);
  struct stat status = {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_TRUE(*open_state_key(path_) == *made);
}

TEST_F(StateKeyTest, that_others_can_read_or_that_is_too_short_is_refused_with_the_mend) {
  ASSERT_TRUE(base::replace_file(path_, std::string(32, 'k'), 0640));
  EXPECT_NE(open_state_key(path_).error().text.find("chmod 600"), std::string::npos);
  ASSERT_TRUE(base::replace_file(path_, "short", 0600));
  EXPECT_NE(open_state_key(path_).error().text.find("fewer than 32 bytes"), std::string::npos);
}

TEST(CallerKey, differs_between_users_providers_keys_and_shifted_names) {
  const base::Secret key(std::string_view("0123456789abcdef0123456789abcdef"));
  const base::Secret other(std::string_view("fedcba9876543210fedcba9876543210"));
  const std::string caller = caller_key(key, "auth0", "alice");
  EXPECT_EQ(caller, caller_key(key, "auth0", "alice"));
  EXPECT_NE(caller, caller_key(key, "auth0", "bob"));
  EXPECT_NE(caller, caller_key(key, "okta", "alice"));
  EXPECT_NE(caller, caller_key(other, "auth0", "alice"));
  EXPECT_NE(caller_key(key, "ab", "c"), caller_key(key, "a", "bc"));
  EXPECT_EQ(caller.size(), 43U);
}

TEST(CallerKey, is_the_published_hmac_sha_256) {
  // python3: hmac.new(b"k"*32, b"\x05\0\0\0auth0\x05\0\0\0alice", "sha256"), base64url without padding
  EXPECT_EQ(caller_key(base::Secret(std::string(32, 'k')), "auth0", "alice"),
            "JSupwnO3IkgSPHcNBTF_Zf8xI6UolWJopLnrAs1bTGk");
}

TEST(CallerKey, follows_a_key_that_changes_and_comes_back) {
  const base::Secret one(std::string(32, 'k'));
  const base::Secret other(std::string(32, 'o'));
  const std::string first = caller_key(one, "auth0", "alice");
  EXPECT_NE(caller_key(other, "auth0", "alice"), first);
  EXPECT_EQ(caller_key(one, "auth0", "alice"), first);
}

TEST(CallerKey, many_threads_get_the_same) {
  const base::Secret key(std::string(32, 'k'));
  const std::string expected = caller_key(key, "p", "u");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 100; ++round) EXPECT_EQ(caller_key(key, "p", "u"), expected);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace bearerd::state
