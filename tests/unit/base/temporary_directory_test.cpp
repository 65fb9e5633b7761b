#include "base/temporary_directory.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <utility>

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

TEST(TemporaryDirectory, is_not_made_where_others_could_put_another_in_its_place) {
  const TemporaryDirectory parent("bearerd-test");
  ASSERT_EQ(::setenv("TMPDIR", parent.path().c_str(), 1), 0);
  for (const auto& [mode, is_made] : {std::pair{mode_t{0777}, false}, {mode_t{0770}, false}, {mode_t{01777}, true}}) {
    ASSERT_EQ(::chmod(parent.path().c_str(), mode), 0);
    const TemporaryDirectory directory("bearerd-test");
    EXPECT_EQ(!directory.path().empty(), is_made) << std::oct << mode;
  }
  ::unsetenv("TMPDIR");
}

}  // namespace
}  // namespace bearerd::base
