#include "base/temporary_directory.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>

namespace bearerd::base {
namespace {

TEST(TemporaryDirectory, is_ours_alone_and_goes_with_its_content) {
  struct stat status = {};
  std::string path;
  {
    const TemporaryDirectory directory("bearerd-test");
    path = directory.path();
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0700U);
    std::ofstream(path + "/file") << "x";
  }
  EXPECT_NE(::stat(path.c_str(), &status), 0);
}

}  // namespace
}  // namespace bearerd::base
