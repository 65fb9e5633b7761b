#include <unistd.h>

#include <exception>
#include <iostream>
#include <string_view>
#include <vector>

#include "sdk/check/command.hpp"

int main(int argc, char** argv) {
  try {
    const std::vector<std::string_view> words(argv + 1, argv + argc);
    return bearerd::check::run(words, std::cout, std::cerr, bearerd::ctl::look_of(STDOUT_FILENO));
  } catch (const std::exception& error) {
    std::cerr << "bearerd-plugin-check: " << error.what() << '\n';
    return bearerd::check::kExitTrouble;
  }
}
