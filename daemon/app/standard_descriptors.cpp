#include "app/standard_descriptors.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <initializer_list>

namespace bearerd::app {

bool occupy_standard_descriptors() noexcept {
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(standard, F_GETFD) != -1) continue;
    // The lowest that is free is this one: those below it are open by now.
    if (::open("/dev/null", O_RDWR) != standard) return false;
  }
  return true;
}

}  // namespace bearerd::app
