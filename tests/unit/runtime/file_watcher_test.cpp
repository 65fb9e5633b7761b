#include "runtime/file_watcher.hpp"

#include <poll.h>
#include <unistd.h>

#include "unit/runtime/settings_folder.hpp"

namespace bearerd::runtime {
namespace {

class Watch : public tests::SettingsFolder {
 protected:
  void watch(const std::string& name) { watcher_.watch({{path(name), base::stamp_of_path(path(name))}}); }
  // A change of the file system is told at once or not at all.
  [[nodiscard]] bool is_told() {
    pollfd waiting{watcher_.fd(), POLLIN, 0};
    const bool is_readable = ::poll(&waiting, 1, 0) == 1;
    watcher_.drain();
    return is_readable;
  }
  FileWatcher watcher_;
};

// In a folder of the test's own folder: what is above a file's directory is watched too, and in /tmp others come and
// go.
TEST_F(Watch, a_rename_over_the_file_is_told_and_is_a_change) {
  std::filesystem::create_directory(path("in"));
  write("in/a.json", "1");
  watch("in/a.json");
  EXPECT_FALSE(watcher_.has_changed());
  EXPECT_FALSE(is_told());
  write("in/a.json", "2");
  EXPECT_TRUE(is_told());
  EXPECT_TRUE(watcher_.has_changed());
}

TEST_F(Watch, a_file_beside_it_is_no_change) {
  write("a.json", "1");
  watch("a.json");
  write("b.json", "2");
  EXPECT_FALSE(watcher_.has_changed());
}

TEST_F(Watch, a_file_that_was_missing_and_comes_is_a_change) {
  watch("late.json");
  EXPECT_FALSE(watcher_.has_changed());
  write("late.json", "1");
  EXPECT_TRUE(is_told());
  EXPECT_TRUE(watcher_.has_changed());
}

// Kubernetes: a.json → ..data/a.json, ..data → ..1, and a change swaps ..data.
TEST_F(Watch, a_swapped_link_in_the_middle_of_the_way_is_told) {
  for (const char* version : {"..1", "..2"}) {
    std::filesystem::create_directory(path(version));
    write(std::string(version) + "/a.json", version);
  }
  std::filesystem::create_directory_symlink("..1", path("..data"));
  std::filesystem::create_symlink("..data/a.json", path("a.json"));
  watch("a.json");
  EXPECT_FALSE(watcher_.has_changed());
  std::filesystem::create_directory_symlink("..2", path("..new"));
  std::filesystem::rename(path("..new"), path("..data"));
  EXPECT_TRUE(is_told());
  EXPECT_TRUE(watcher_.has_changed());
}

TEST_F(Watch, what_is_not_watched_any_more_is_not_told) {
  std::filesystem::create_directory(path("first"));
  std::filesystem::create_directory(path("second"));
  write("first/a.json", "1");
  write("second/a.json", "1");
  watch("first/a.json");
  watch("second/a.json");
  static_cast<void>(is_told());
  write("first/a.json", "2");
  EXPECT_FALSE(is_told());
  EXPECT_FALSE(watcher_.has_changed());
}

}  // namespace
}  // namespace bearerd::runtime
