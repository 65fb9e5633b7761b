#include "state/disabled_providers.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/temporary_folder.hpp"

namespace bearerd::state {
namespace {

class DisabledStoreTest : public testing::Test {
 protected:
  [[nodiscard]] DisabledStore open() const { return DisabledStore(folder_.path()); }
  [[nodiscard]] std::string path() const { return folder_.path() + "/disabled-providers"; }
  void write(const std::string& text) const {
    std::ofstream(path(), std::ios::binary | std::ios::trunc) << text;
    ::chmod(path().c_str(), 0600);
  }
  [[nodiscard]] std::string text() const {
    std::ifstream file(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  test::TemporaryFolder folder_;
};

TEST_F(DisabledStoreTest, without_a_file_nobody_is_switched_off) {
  const DisabledStore store = open();
  EXPECT_FALSE(store.current()->contains("auth0"));
  EXPECT_TRUE(store.fault().empty());
}

TEST_F(DisabledStoreTest, who_is_switched_off_stays_so_until_switched_on) {
  {
    DisabledStore store = open();
    ASSERT_TRUE(store.set("auth0", false, {"auth0", "okta"}));
    EXPECT_TRUE(store.current()->contains("auth0"));
  }
  DisabledStore again = open();
  EXPECT_TRUE(again.current()->contains("auth0"));
  EXPECT_FALSE(again.current()->contains("okta"));
  ASSERT_TRUE(again.set("auth0", true, {"auth0", "okta"}));
  EXPECT_FALSE(open().current()->contains("auth0"));
}

TEST_F(DisabledStoreTest, every_cut_and_every_changed_byte_of_its_lines_switches_everybody_off) {
  ASSERT_TRUE(open().set("auth0", false, {}));
  const std::string good = text();
  for (std::size_t size = 0; size < good.size(); ++size) {
    write(good.substr(0, size));
    const DisabledStore store = open();
    EXPECT_TRUE(store.current()->contains("okta")) << size;
    EXPECT_NE(store.fault().find(path()), std::string::npos) << store.fault();
  }
  write(good + "x");
  EXPECT_TRUE(open().current()->contains("okta"));
}

TEST_F(DisabledStoreTest, a_file_that_others_may_write_switches_everybody_off) {
  ASSERT_TRUE(open().set("auth0", false, {}));
  ::chmod(path().c_str(), 0620);
  EXPECT_TRUE(open().current()->contains("okta"));
}

TEST_F(DisabledStoreTest, after_a_loss_each_stays_off_until_it_is_switched_on) {
  write("damaged");
  DisabledStore store = open();
  ASSERT_TRUE(store.set("okta", true, {"auth0", "okta"}));
  EXPECT_TRUE(store.fault().empty());
  const DisabledStore again = open();
  EXPECT_TRUE(again.current()->contains("auth0"));
  EXPECT_FALSE(again.current()->contains("okta"));
}

TEST_F(DisabledStoreTest, what_can_not_be_kept_is_not_done) {
  std::filesystem::create_directory(path());
  DisabledStore store = open();
  EXPECT_TRUE(store.current()->contains("auth0"));
  EXPECT_FALSE(store.set("auth0", true, {"auth0"}));
  EXPECT_TRUE(store.current()->contains("auth0"));
}

}  // namespace
}  // namespace bearerd::state
