#include "app/standard_descriptors.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <initializer_list>

namespace bearerd::app {
namespace {

// In a child, which tells by its exit code alone: the test's own output stays.
int exit_code_of(bool (*check)()) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(check() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool is_null_device(int descriptor) {
  struct stat open = {};
  struct stat null = {};
  return ::fstat(descriptor, &open) == 0 && ::stat("/dev/null", &null) == 0 && open.st_rdev == null.st_rdev;
}

TEST(StandardDescriptors, those_that_are_closed_are_the_null_device_and_nothing_of_ours_takes_their_place) {
  const auto check = [] {
    for (const int each : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::close(each);
    if (!occupy_standard_descriptors()) return false;
    return is_null_device(STDIN_FILENO) && is_null_device(STDOUT_FILENO) && is_null_device(STDERR_FILENO) &&
           ::dup(STDIN_FILENO) > STDERR_FILENO;
  };
  EXPECT_EQ(exit_code_of(check), 0);
}

TEST(StandardDescriptors, those_that_are_open_stay_as_they_are) {
  const auto check = [] {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0 || ::dup2(ends[1], STDOUT_FILENO) != STDOUT_FILENO) return false;
    ::close(STDIN_FILENO);
    struct stat out = {};
    return occupy_standard_descriptors() && is_null_device(STDIN_FILENO) && ::fstat(STDOUT_FILENO, &out) == 0 &&
           S_ISFIFO(out.st_mode);
  };
  EXPECT_EQ(exit_code_of(check), 0);
}

}  // namespace
}  // namespace bearerd::app
