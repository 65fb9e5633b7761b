#include "keys/disk_cache.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "keys/key_store.hpp"
#include "support/temporary_folder.hpp"

namespace bearerd::keys {
namespace {

class DiskCacheTest : public testing::Test {
 protected:
  DiskCacheTest() {
    settings_.provider = "my/../provider";
    settings_.jwks_url = "https://issuer.example/keys";
    cached_.jwks_url = settings_.jwks_url;
    cached_.key_set = R"({"keys":[]})";
  }
  base::ErrorCode load_error() const { return cache_.load(settings_).error().code; }

  test::TemporaryFolder folder_;
  DiskCache cache_{folder_.path()};
  KeySourceSettings settings_;
  CachedKeySet cached_;
};

TEST_F(DiskCacheTest, what_is_stored_is_loaded) {
  EXPECT_EQ(load_error(), base::ErrorCode::kNotFound);
  ASSERT_TRUE(cache_.store(settings_, cached_));
  EXPECT_EQ(*cache_.load(settings_), cached_);
  struct stat status = {};
  ASSERT_EQ(::stat(cache_.path_of(settings_).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat((folder_.path() + "/keys").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(DiskCacheTest, provider_s_name_cannot_leave_the_folder) {
  const std::filesystem::path path(cache_.path_of(settings_));
  EXPECT_EQ(path.parent_path(), folder_.path() + "/keys");
}

TEST_F(DiskCacheTest, file_that_others_may_read_or_write_is_ignored) {
  ASSERT_TRUE(cache_.store(settings_, cached_));
  for (const mode_t mode : {0640U, 0606U, 0620U}) {
    ASSERT_EQ(::chmod(cache_.path_of(settings_).c_str(), mode), 0);
    EXPECT_EQ(load_error(), base::ErrorCode::kDenied);
  }
}

TEST_F(DiskCacheTest, folder_that_others_may_enter_is_ignored_and_not_written) {
  ASSERT_TRUE(cache_.store(settings_, cached_));
  ASSERT_EQ(::chmod((folder_.path() + "/keys").c_str(), 0755), 0);
  EXPECT_EQ(load_error(), base::ErrorCode::kDenied);
  EXPECT_FALSE(cache_.store(settings_, cached_));
}

TEST_F(DiskCacheTest, folder_that_is_a_link_is_ignored) {
  ASSERT_TRUE(cache_.store(settings_, cached_));
  std::filesystem::rename(folder_.path() + "/keys", folder_.path() + "/real");
  std::filesystem::create_symlink(folder_.path() + "/real", folder_.path() + "/keys");
  EXPECT_EQ(load_error(), base::ErrorCode::kDenied);
}

TEST_F(DiskCacheTest, copy_of_another_source_is_ignored) {
  cached_.jwks_url = "https://evil.example/keys";
  ASSERT_TRUE(cache_.store(settings_, cached_));
  EXPECT_EQ(load_error(), base::ErrorCode::kInvalid);
}

TEST_F(DiskCacheTest, damaged_or_huge_file_is_ignored) {
  ASSERT_TRUE(cache_.store(settings_, cached_));
  std::ofstream(cache_.path_of(settings_), std::ios::trunc) << "rubbish";
  EXPECT_EQ(load_error(), base::ErrorCode::kInvalid);
  std::ofstream(cache_.path_of(settings_), std::ios::trunc) << std::string(kMaxCachedBytes + 1, 'x');
  EXPECT_EQ(load_error(), base::ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace bearerd::keys
