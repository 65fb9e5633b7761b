#include "base/file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace bearerd::base {
namespace {

class File : public testing::Test {
 protected:
  File() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bearerd-file-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
    directory_ = pattern;
  }
  ~File() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string path(const std::string& name) const { return directory_ + "/" + name; }
  [[nodiscard]] std::size_t entries() const {
    const std::filesystem::directory_iterator all(directory_);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  std::string directory_;
};

TEST_F(File, what_was_written_is_read) {
  const std::string bytes("a\0b\n", 4);
  ASSERT_TRUE(replace_file(path("x"), bytes, 0640));
  const auto content = read_file(path("x"), 4);
  ASSERT_TRUE(content);
  EXPECT_EQ(content->bytes, bytes);
  EXPECT_EQ(content->status.st_mode & 07777U, 0640U);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(File, replacing_leaves_one_file_with_the_new_bytes) {
  ASSERT_TRUE(replace_file(path("x"), "old and longer", 0600));
  ASSERT_TRUE(replace_file(path("x"), "new", 0600));
  EXPECT_EQ(read_file(path("x"), 100)->bytes, "new");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(File, an_empty_file_is_read_as_empty) {
  ASSERT_TRUE(replace_file(path("x"), "", 0600));
  const auto content = read_file(path("x"), 0);
  ASSERT_TRUE(content);
  EXPECT_TRUE(content->bytes.empty());
}

TEST_F(File, one_byte_more_than_the_limit_is_too_large) {
  ASSERT_TRUE(replace_file(path("x"), "12345", 0600));
  EXPECT_TRUE(read_file(path("x"), 5));
  const auto refused = read_file(path("x"), 4);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
  EXPECT_NE(refused.error().text.find(path("x")), std::string::npos);
}

TEST_F(File, large_files_are_read_whole) {
  const std::string bytes(3U << 20U, 'x');
  ASSERT_TRUE(replace_file(path("x"), bytes, 0600));
  EXPECT_EQ(read_file(path("x"), bytes.size())->bytes, bytes);
}

TEST_F(File, what_is_not_there_is_not_found) {
  const auto refused = read_file(path("nothing"), 10);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(replace_file(path("no/such/file"), "x", 0600).error().code, ErrorCode::kNotFound);
}

TEST_F(File, only_regular_files_are_read_and_nothing_hangs) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  for (const std::string& odd : {path("fifo"), directory_, std::string("/dev/zero")}) {
    const auto refused = read_file(odd, 10);
    ASSERT_FALSE(refused) << odd;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalid) << odd;
  }
}

TEST_F(File, a_failed_replacement_leaves_the_old_state) {
  std::filesystem::create_directory(path("directory"));
  EXPECT_FALSE(replace_file(path("directory"), "x", 0600));
  EXPECT_TRUE(std::filesystem::is_directory(path("directory")));
  EXPECT_EQ(entries(), 1U);
}

TEST_F(File, a_descriptor_is_closed_once_and_by_its_last_owner) {
  FileDescriptor first(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_TRUE(first.is_open());
  const int fd = first.get();
  FileDescriptor second = std::move(first);
  EXPECT_FALSE(first.is_open());  // NOLINT(bugprone-use-after-move): what is left behind is the point
  EXPECT_EQ(second.get(), fd);
  first = std::move(second);
  EXPECT_NE(::fcntl(fd, F_GETFD), -1);
  first.reset();
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
}

TEST(SystemError, has_a_text) { EXPECT_FALSE(system_error_text(ENOENT).empty()); }

}  // namespace
}  // namespace bearerd::base
