#include "app/directories.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/temporary_folder.hpp"

namespace bearerd::app {
namespace {

class AbsoluteName : public testing::Test {
 protected:
  AbsoluteName() {
    std::filesystem::create_directories(root_ + "/etc/deep");
    for (const char* file : {"/settings.json", "/etc/settings.json"}) std::ofstream(root_ + file) << "{}";
    std::filesystem::create_directory_symlink("etc/deep", root_ + "/link");
    std::filesystem::current_path(root_);
  }
  ~AbsoluteName() override { std::filesystem::current_path(before_); }

  const std::filesystem::path before_ = std::filesystem::current_path();
  const test::TemporaryFolder folder_;
  const std::string root_ = std::filesystem::canonical(folder_.path());
};

TEST_F(AbsoluteName, begins_in_the_working_directory_and_has_no_detours) {
  for (const char* name : {"settings.json", "./settings.json", "etc/../settings.json", "etc/.././/settings.json"})
    EXPECT_EQ(absolute_name(name), root_ + "/settings.json") << name;
  EXPECT_EQ(absolute_name("nowhere.json"), root_ + "/nowhere.json");
  EXPECT_EQ(absolute_name(root_ + "/settings.json"), root_ + "/settings.json");
}

TEST_F(AbsoluteName, past_a_link_is_the_file_that_the_system_opens) {
  EXPECT_EQ(absolute_name("link/../settings.json"), root_ + "/link/../settings.json");
}

}  // namespace
}  // namespace bearerd::app
