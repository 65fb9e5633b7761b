#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <vector>

#include "ctl/commands.hpp"

int main(int argc, char** argv) {
  using namespace bearerd::ctl;
  try {
    const std::vector<std::string_view> words(argv + 1, argv + argc);
    const char* socket = std::getenv("BEARERCTL_SOCKET");
    Output output{std::cout, std::cerr, look_of(STDOUT_FILENO)};
    const int code = run(words, socket == nullptr ? std::string_view{} : std::string_view(socket), output);
    if (std::cout.flush()) return code;
    std::cerr << "bearerctl: the output could not be written (is the disk full?)\n";
    return kTrouble;
  } catch (const std::exception& error) {
    // What is thrown here is a bug, or an answer of another shape than ours.
    std::cerr << "bearerctl: " << error.what() << '\n';
    return kTrouble;
  }
}
