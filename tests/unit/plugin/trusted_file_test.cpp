// Nobody but root, or ourselves where that is allowed, may be able to put code into this process.
#include "plugin/trusted_file.hpp"

#include <unistd.h>

#include "unit/plugin/plugin_fixture.hpp"

namespace bearerd::tests {
namespace {

class TrustedFile : public PluginFixture {
 protected:
  TrustedFile() {
    std::ofstream(file()) << "content";
    set_mode(file(), 0644);
  }
  std::string file() const { return directory() + "/x.so"; }
  auto read(bool allow_own_user = true) const { return plugin::read_trusted_file(directory(), "x.so", allow_own_user); }
};

TEST_F(TrustedFile, good_file_is_read) {
  const auto got = read();
  ASSERT_TRUE(got) << got.error().text;
  EXPECT_EQ(got->bytes, "content");
  EXPECT_EQ(got->path, std::filesystem::canonical(file()));
}

TEST_F(TrustedFile, absent_file_is_not_found) {
  EXPECT_EQ(plugin::read_trusted_file(directory(), "y.so", true).error().code, base::ErrorCode::kNotFound);
}

TEST_F(TrustedFile, file_writable_by_others_is_refused) {
  for (const mode_t mode : {0664U, 0646U, 0666U}) {
    set_mode(file(), mode);
    EXPECT_EQ(read().error().code, base::ErrorCode::kDenied);
  }
}

TEST_F(TrustedFile, directory_writable_by_others_is_refused) {
  for (const mode_t mode : {0775U, 0757U, 01777U}) {
    set_mode(directory(), mode);
    EXPECT_FALSE(read()) << std::oct << mode;
  }
}

TEST_F(TrustedFile, directory_higher_up_writable_by_others_is_refused) {
  set_mode(root_, 0777);
  EXPECT_FALSE(read());
}

TEST_F(TrustedFile, sticky_directory_of_root_higher_up_is_fine) {
  struct stat status = {};
  ASSERT_EQ(::stat("/tmp", &status), 0);
  ASSERT_TRUE((status.st_mode & S_ISVTX) != 0);
  EXPECT_TRUE(read());
}

TEST_F(TrustedFile, link_to_an_untrusted_place_is_refused) {
  const std::string elsewhere = root_ + "/elsewhere";
  std::filesystem::create_directory(elsewhere);
  std::ofstream(elsewhere + "/x.so") << "evil";
  set_mode(elsewhere, 0777);
  std::filesystem::remove(file());
  std::filesystem::create_symlink(elsewhere + "/x.so", file());
  EXPECT_FALSE(read());
  set_mode(elsewhere, 0755);
  set_mode(elsewhere + "/x.so", 0644);
  const auto got = read();
  ASSERT_TRUE(got) << got.error().text;
  EXPECT_EQ(got->bytes, "evil");
}

TEST_F(TrustedFile, linked_directory_is_followed_and_checked) {
  const std::string link = root_ + "/link";
  std::filesystem::create_directory_symlink(directory(), link);
  EXPECT_TRUE(plugin::read_trusted_file(link, "x.so", true));
  set_mode(directory(), 0777);
  EXPECT_FALSE(plugin::read_trusted_file(link, "x.so", true));
}

TEST_F(TrustedFile, directory_instead_of_a_file_is_refused) {
  std::filesystem::remove(file());
  std::filesystem::create_directory(file());
  set_mode(file(), 0755);
  EXPECT_FALSE(read());
}

TEST_F(TrustedFile, pipe_instead_of_a_file_is_refused_without_waiting) {
  std::filesystem::remove(file());
  ASSERT_EQ(::mkfifo(file().c_str(), 0644), 0);
  EXPECT_EQ(read().error().code, base::ErrorCode::kDenied);
}

TEST_F(TrustedFile, file_of_another_user_is_refused) {
  if (::geteuid() != 0) {
    // What is ours is not root's.
    EXPECT_FALSE(read(false));
    return;
  }
  ASSERT_EQ(::chown(file().c_str(), 12345, 12345), 0);
  EXPECT_FALSE(read());
  EXPECT_FALSE(read(false));
  ASSERT_EQ(::chown(file().c_str(), 0, 0), 0);
  EXPECT_TRUE(read(false));
  ASSERT_EQ(::chown(directory().c_str(), 12345, 0), 0);
  EXPECT_FALSE(read());
}

}  // namespace
}  // namespace bearerd::tests
